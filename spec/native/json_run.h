/* json_run.h - what the parts of the test of the plugin "json" share. */
#ifndef PERIGEE_JSON_RUN_H
#define PERIGEE_JSON_RUN_H
#include "mock_host.h"

/* The decoder on a stream cut at `cut`, and every `step` bytes from there on,
 * by several instances in turns, their batches through the encoder: the text,
 * then a line "reject at OFFSET: WHY" a reject, without ": WHY" unless `why`.
 * `paths`: the wanted columns, which are then written in this order, or NULL
 * for all, in the order in which they came.  Free the result. */
char *json_transcode(const peri_plugin *plugin, const char *bytes, size_t len,
                     size_t cut, size_t step, const char *const *paths,
                     int path_count, bool why);

/* Decodes the stream so that records are kept, in several ways, and compares
 * their texts with what comes out when they are taken apart; how often they
 * could be kept. */
int json_compare_kept(const peri_plugin *plugin, const char *bytes, size_t len);

/* The parts. */
void json_check_cases(const peri_plugin *plugin);   /* json_cases.c */
void json_check_encoder(const peri_plugin *plugin); /* json_encoder.c */
void json_check_twin(const peri_plugin *plugin);    /* json_twin.c */
void json_check_numbers(const peri_plugin *plugin); /* json_numbers.c */
void json_check_kept(const peri_plugin *plugin);    /* json_keep.c */
#endif
