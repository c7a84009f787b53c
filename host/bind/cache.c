/* cache.c - small files in the cache directory, and stamps of others. */
#include "bind/cache.h"

#include "bind/box.h"
#include "plugin/cache.h"
#include "plugin/file.h"

#include <lauxlib.h>
#include <sys/stat.h>
#include <time.h>

#define SETTLED_SECONDS 2 /* some file systems count in these */

int pg_bind_cache_stamp(lua_State *L)
{
  struct stat st;
  if (stat(luaL_checkstring(L, 1), &st) < 0 || !S_ISREG(st.st_mode) ||
      time(NULL) - st.st_ctime <= SETTLED_SECONDS) {
    lua_pushnil(L);
    return 1;
  }
  lua_pushfstring(
    L, "%I:%I:%I:%I.%I:%I.%I", (LUAI_UACINT)st.st_dev, (LUAI_UACINT)st.st_ino,
    (LUAI_UACINT)st.st_size, (LUAI_UACINT)st.st_mtim.tv_sec,
    (LUAI_UACINT)st.st_mtim.tv_nsec, (LUAI_UACINT)st.st_ctim.tv_sec,
    (LUAI_UACINT)st.st_ctim.tv_nsec);
  return 1;
}

static bool find(const char *name, char path[PATH_MAX])
{
  char directory[PATH_MAX];
  return pg_cache_find(NULL, directory) && pg_cache_join(path, directory, name);
}

static void fini_file(void *file)
{
  pg_file_fini(file);
}

int pg_bind_cache_read(lua_State *L)
{
  char path[PATH_MAX];
  const char *name = luaL_checkstring(L, 1);
  struct pg_file *file = pg_box_new(L, sizeof *file, fini_file);
  if (!find(name, path) || pg_file_read(path, NULL, file, NULL) != PG_OK) {
    lua_pushnil(L);
    return 1;
  }
  lua_pushlstring(L, file->bytes, file->size);
  pg_box_close(L, 2);
  return 1;
}

int pg_bind_cache_write(lua_State *L)
{
  char path[PATH_MAX];
  size_t size;
  const char *name = luaL_checkstring(L, 1);
  const char *text = luaL_checklstring(L, 2, &size);
  if (find(name, path)) {
    (void)pg_cache_write(path, text, size, NULL); /* or another time */
  }
  return 0;
}
