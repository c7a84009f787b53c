/* core.c - the table of functions that lua/perigee gets. */
#include "bind/core.h"

#include "base/log.h"
#include "bind/box.h"
#include "bind/buffer.h"
#include "bind/cache.h"
#include "bind/columns.h"
#include "bind/files.h"
#include "bind/plugin.h"
#include "bind/program.h"
#include "bind/rows.h"
#include "bind/run.h"

#include <dirent.h>
#include <errno.h>
#include <lauxlib.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define COLUMNS_STANDARD 80 /* of a terminal that does not say */

/* ------------------------------------------------------------------ the system
 */

const char *pg_core_push_exec_dir(lua_State *L)
{
  char path[PATH_MAX];
  ssize_t n = readlink("/proc/self/exe", path, sizeof path - 1);
  if (n < 0) {
    luaL_error(L, "cannot find the program: %s", strerror(errno));
  }
  path[n] = '\0';
  char *slash = strrchr(path, '/');
  return lua_pushlstring(L, path, slash ? (size_t)(slash - path) : 0);
}

static void close_dir(void *box)
{
  DIR *dir = *(DIR **)box;
  if (dir) {
    closedir(dir);
  }
}

/* core.list_dir(dir) -> names, or nil, message */
static int core_list_dir(lua_State *L)
{
  const char *path = luaL_checkstring(L, 1);
  lua_settop(L, 1);
  DIR **dir = pg_box_new(L, sizeof(DIR *), close_dir);
  *dir = opendir(path);
  if (!*dir) {
    luaL_pushfail(L);
    lua_pushfstring(L, "cannot list '%s': %s", path, strerror(errno));
    return 2;
  }
  lua_newtable(L);
  lua_Integer count = 0;
  for (struct dirent *entry; (entry = readdir(*dir));) {
    if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0) {
      lua_pushstring(L, entry->d_name);
      lua_rawseti(L, 3, ++count);
    }
  }
  pg_box_close(L, 2);
  return 1;
}

/* core.isatty(fd) -> boolean */
static int core_isatty(lua_State *L)
{
  lua_pushboolean(L, isatty((int)luaL_checkinteger(L, 1)));
  return 1;
}

/* core.columns() -> how many characters a line of the terminal holds */
static int core_columns(lua_State *L)
{
  struct winsize size;
  const char *given = getenv("COLUMNS");
  int columns = given ? atoi(given) : 0;
  if (columns <= 0 && ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0) {
    columns = size.ws_col;
  }
  lua_pushinteger(L, columns > 0 ? columns : COLUMNS_STANDARD);
  return 1;
}

/* -------------------------------------------------------------------- the log
 */

static enum pg_log_level check_level(lua_State *L)
{
  static const char *const names[] = {"debug", "info", "warn", "error", NULL};
  static const enum pg_log_level levels[] = {PG_LOG_DEBUG, PG_LOG_INFO,
                                             PG_LOG_WARN, PG_LOG_ERROR};
  return levels[luaL_checkoption(L, 1, NULL, names)];
}

/* core.log(level, text) */
static int core_log(lua_State *L)
{
  enum pg_log_level level = check_level(L);
  pg_log(level, "%s", luaL_checkstring(L, 2));
  return 0;
}

/* core.print(text): a line on stderr, at any level */
static int core_print(lua_State *L)
{
  size_t n;
  const char *text = luaL_checklstring(L, 1, &n);
  pg_log_line(text, n);
  return 0;
}

/* core.set_log_level(level) */
static int core_set_log_level(lua_State *L)
{
  pg_log_set_level(check_level(L));
  return 0;
}

/* ------------------------------------------------------------------ the module
 */

int pg_core_open(lua_State *L)
{
  static const luaL_Reg functions[] = {
    {"batch", pg_columns_batch},
    {"batch_of_rows", pg_rows_batch},
    {"buffer", pg_buffer_new},
    {"cache_read", pg_bind_cache_read},
    {"cache_write", pg_bind_cache_write},
    {"check_params", pg_bind_plugin_check_params},
    {"columns", core_columns},
    {"describe", pg_bind_plugin_describe},
    {"file_keys", pg_bind_file_keys},
    {"isatty", core_isatty},
    {"list_dir", core_list_dir},
    {"load", pg_bind_plugin_load},
    {"log", core_log},
    {"missing", pg_bind_plugin_missing},
    {"print", core_print},
    {"probe", pg_bind_plugin_probe},
    {"program", pg_bind_program},
    {"run", pg_bind_run},
    {"schema", pg_bind_plugin_schema},
    {"set_log_level", core_set_log_level},
    {"stamp", pg_bind_cache_stamp},
    {NULL, NULL}};
  luaL_newlib(L, functions);
  lua_pushliteral(L, PERIGEE_VERSION);
  lua_setfield(L, -2, "version");
  lua_createtable(L, 0, 2);
  lua_pushinteger(L, PERI_ABI_MAJOR);
  lua_setfield(L, -2, "major");
  lua_pushinteger(L, PERI_ABI_MINOR);
  lua_setfield(L, -2, "minor");
  lua_setfield(L, -2, "abi");
  pg_core_push_exec_dir(L);
  lua_setfield(L, -2, "exec_dir");
  return 1;
}
