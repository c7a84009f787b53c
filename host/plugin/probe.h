/* probe.h - tries a plugin in a process of its own, before it is loaded here: a
 * constructor that hangs, or a kernel that crashes at once, is then a message.
 *
 * A probe loads the file, calls its functions and aggregates with four rows,
 * opens kernels and codecs with their defaults and gives them a small batch,
 * and ends as a run does.  Sources and sinks are not opened, for what they do
 * cannot be undone.  It guards against faults, not against malice. */
#ifndef PG_PLUGIN_PROBE_H
#define PG_PLUGIN_PROBE_H
#include "base/status.h"

#include <stdbool.h>

#define PG_PROBE_LIMIT_MS 5000

/* Probes the file unless its content was probed well before, by anybody who
 * shares our cache directory.
 *
 * [in]  program    runs pg_probe_main() when pg_probe_wanted()
 * [in]  directory  see pg_plugin_load()
 * Fails: PG_REFUSED (names what was called and the signal, the exit code or
 *        the time), PG_IO, PG_NO_MEMORY
 * Thread: any; waits for the child
 */
enum pg_status pg_probe(const char *program, const char *path,
                        const char *directory, int limit_ms,
                        struct pg_error *err);

/* Is this process such a child?  Then main() returns what pg_probe_main()
 * does, and does nothing else. */
bool pg_probe_wanted(int argc, char **argv);
int pg_probe_main(char **argv);

#endif
