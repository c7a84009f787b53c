/* files.h - which files a path means. */
#ifndef PG_BIND_FILES_H
#define PG_BIND_FILES_H
#include <lua.h>

/* core.file_keys(path, expand) -> list: a text for each regular file that the
 * path means, the same for every path that means it; none for devices, pipes
 * and directories.  A file that is not there has one, too; with `expand`, the
 * path may be a pattern. */
int pg_bind_file_keys(lua_State *L);

#endif
