/* compile.c - compiles a shipped Lua module when perigee is built, so that a
 * start of the program need not parse it.
 *
 *   compile FROM NAME TO
 *
 * Messages call the module NAME, wherever the program is installed. */
#include <lauxlib.h>
#include <lua.h>
#include <stdio.h>
#include <string.h>

static int write_part(lua_State *L, const void *bytes, size_t size, void *to)
{
  (void)L;
  return fwrite(bytes, 1, size, to) != size;
}

/* Puts the text of the file at the top of the stack. */
static int read_text(lua_State *L, const char *path)
{
  char part[4096];
  size_t size;
  luaL_Buffer text;
  FILE *from = fopen(path, "rb");
  if (!from) {
    return 0;
  }
  luaL_buffinit(L, &text);
  while ((size = fread(part, 1, sizeof part, from)) > 0) {
    luaL_addlstring(&text, part, size);
  }
  luaL_pushresult(&text);
  int ok = !ferror(from);
  fclose(from);
  return ok;
}

int main(int argc, char **argv)
{
  lua_State *L = luaL_newstate();
  if (argc != 4 || !L || !read_text(L, argv[1])) {
    fprintf(stderr, "compile: cannot read the module\n");
    return 1;
  }
  size_t size;
  const char *text = lua_tolstring(L, -1, &size);
  lua_pushfstring(L, "@%s", argv[2]);
  if (luaL_loadbufferx(L, text, size, lua_tostring(L, -1), "t") != LUA_OK) {
    fprintf(stderr, "compile: %s\n", lua_tostring(L, -1));
    return 1;
  }
  FILE *to = fopen(argv[3], "wb");
  int failed = !to || lua_dump(L, write_part, to, 0) != 0 || ferror(to);
  if ((to && fclose(to) != 0) || failed) {
    fprintf(stderr, "compile: cannot write '%s'\n", argv[3]);
    return 1;
  }
  lua_close(L);
  return 0;
}
