/* compile.c - compiles the shipped Lua modules when perigee is built, and
 * writes them as C: they become a part of the program, which then has no file
 * of its own to find, open and parse when it starts.
 *
 *   compile TO {NAME FILE}...      NAME: such as perigee/cli.lua
 *
 * Messages call that module "<perigee>/perigee/cli.lua". */
#include <lauxlib.h>
#include <lua.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NAME_MAX_BYTES 200

struct module {
  char name[NAME_MAX_BYTES]; /* as `require` has it */
  size_t size;
};

struct output {
  FILE *to;
  size_t size;
};

static void fail(const char *what, const char *why)
{
  fprintf(stderr, "compile: %s: %s\n", what, why);
  exit(1);
}

static int write_part(lua_State *L, const void *bytes, size_t size, void *ud)
{
  struct output *output = ud;
  const unsigned char *at = bytes;
  (void)L;
  for (size_t i = 0; i < size; i++) {
    fprintf(output->to, output->size++ % 16 == 15 ? "%d,\n" : "%d,", at[i]);
  }
  return ferror(output->to);
}

/* "perigee/plan/init.lua" is the module "perigee.plan". */
static void set_name(struct module *module, const char *file)
{
  char *name = module->name;
  int n = snprintf(name, NAME_MAX_BYTES, "%s", file);
  if (n < 5 || n >= NAME_MAX_BYTES || strcmp(name + n - 4, ".lua") != 0) {
    fail(file, "is no name of a module");
  }
  name[n - 4] = '\0';
  if (n > 9 && strcmp(name + n - 9, "/init") == 0) {
    name[n - 9] = '\0';
  }
  for (char *at = name; *at; at++) {
    *at = *at == '/' ? '.' : *at;
  }
}

/* Puts the text of the file at the top of the stack. */
static void read_text(lua_State *L, const char *path)
{
  char part[4096];
  size_t size;
  luaL_Buffer text;
  FILE *from = fopen(path, "rb");
  if (!from) {
    fail(path, "cannot read the module");
  }
  luaL_buffinit(L, &text);
  while ((size = fread(part, 1, sizeof part, from)) > 0) {
    luaL_addlstring(&text, part, size);
  }
  luaL_pushresult(&text);
  if (ferror(from)) {
    fail(path, "cannot read the module");
  }
  fclose(from);
}

static void compile(lua_State *L, const char *name, const char *path,
                    struct module *module, size_t number, FILE *to)
{
  size_t size;
  struct output output = {.to = to};
  set_name(module, name);
  read_text(L, path);
  const char *text = lua_tolstring(L, -1, &size);
  const char *shown = lua_pushfstring(L, "@<perigee>/%s", name);
  if (luaL_loadbufferx(L, text, size, shown, "t") != LUA_OK) {
    fail(path, lua_tostring(L, -1));
  }
  fprintf(to, "static const unsigned char m%zu[] = {\n", number);
  lua_dump(L, write_part, &output, 0);
  fprintf(to, "};\n");
  module->size = output.size;
  lua_settop(L, 0);
}

static int compare(const void *a, const void *b)
{
  const struct module *const *x = a, *const *y = b;
  return strcmp((*x)->name, (*y)->name);
}

/* In the order of the names: the program searches it by halves. */
static void write_table(const struct module *modules, size_t count, FILE *to)
{
  const struct module **sorted = calloc(count, sizeof *sorted);
  if (!sorted) {
    fail("modules", "no memory");
  }
  for (size_t i = 0; i < count; i++) {
    sorted[i] = &modules[i];
  }
  qsort(sorted, count, sizeof *sorted, compare);
  fprintf(to, "const struct pg_module pg_modules[] = {\n");
  for (size_t i = 0; i < count; i++) {
    fprintf(to, "{\"%s\", m%zu, %zu},\n", sorted[i]->name,
            (size_t)(sorted[i] - modules), sorted[i]->size);
  }
  fprintf(to, "};\nconst size_t pg_module_count = %zu;\n", count);
  free(sorted);
}

int main(int argc, char **argv)
{
  size_t count = argc > 3 ? ((size_t)argc - 2) / 2 : 0;
  struct module *modules = calloc(count + 1, sizeof *modules);
  lua_State *L = luaL_newstate();
  FILE *to = count > 0 ? fopen(argv[1], "wb") : NULL;
  if (!modules || !L || !to) {
    fail(count > 0 ? argv[1] : "usage", "cannot begin");
  }
  fprintf(to, "/* Made by lua/compile.c. */\n#include \"bind/modules.h\"\n");
  for (size_t i = 0; i < count; i++) {
    compile(L, argv[2 * i + 2], argv[2 * i + 3], &modules[i], i, to);
  }
  write_table(modules, count, to);
  if (ferror(to) | (fclose(to) != 0)) {
    fail(argv[1], "cannot write it");
  }
  lua_close(L);
  free(modules);
  return 0;
}
