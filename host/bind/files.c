/* files.c - which files a path means, however it is spelled. */
#include "bind/files.h"

#include "bind/box.h"

#include <errno.h>
#include <glob.h>
#include <lauxlib.h>
#include <limits.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define RESULT 3

static void add(lua_State *L)
{
  lua_rawseti(L, RESULT, (lua_Integer)lua_rawlen(L, RESULT) + 1);
}

/* Adds the key of a file that is there.  False: there is none. */
static bool add_existing(lua_State *L, const char *path)
{
  struct stat st;
  if (stat(path, &st) < 0) {
    return errno != ENOENT;
  }
  if (S_ISREG(st.st_mode)) {
    lua_pushfstring(L, "%I:%I", (LUAI_UACINT)st.st_dev, (LUAI_UACINT)st.st_ino);
    add(L);
  }
  return true;
}

/* The key of a file that is to be made: its folder is there, or nothing is. */
static void add_new(lua_State *L, const char *path)
{
  char folder[PATH_MAX];
  const char *slash = strrchr(path, '/');
  const char *name = slash ? slash + 1 : path;
  lua_pushlstring(L, path, (size_t)(name - path));
  const char *given = name == path ? "." : lua_tostring(L, -1);
  lua_pushfstring(L, "%s/%s", realpath(given, folder) ? folder : given, name);
  add(L);
  lua_pop(L, 1);
}

static void free_glob(void *found)
{
  globfree(found);
}

/* How many files the pattern matched. */
static size_t add_matches(lua_State *L, const char *pattern)
{
  glob_t *found = pg_box_new(L, sizeof *found, free_glob);
  size_t count = glob(pattern, 0, NULL, found) == 0 ? found->gl_pathc : 0;
  for (size_t i = 0; i < count; i++) {
    add_existing(L, found->gl_pathv[i]);
  }
  pg_box_close(L, lua_gettop(L));
  lua_pop(L, 1);
  return count;
}

int pg_bind_file_keys(lua_State *L)
{
  const char *path = luaL_checkstring(L, 1);
  bool expand = lua_toboolean(L, 2);
  lua_settop(L, 2);
  lua_newtable(L);
  if (!add_existing(L, path) && !(expand && add_matches(L, path) > 0)) {
    add_new(L, path);
  }
  return 1;
}
