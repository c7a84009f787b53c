/* probe_own.h - what a probe's child tells its parent, and the words that call
 * it.
 *
 *   program --probe-plugin PATH, with the pipe as descriptor 3
 *
 * Lines: "+" and what is called next; "=" and the sha256 of the file when all
 * went well; "!" and why the plugin was refused. */
#ifndef PG_PLUGIN_PROBE_OWN_H
#define PG_PLUGIN_PROBE_OWN_H

#define PG_PROBE_WORD "--probe-plugin"
#define PG_PROBE_FD 3

#endif
