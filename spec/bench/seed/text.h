/* text.h - passing events by pointer, and as text. */
#ifndef PG_SPEC_SEED_TEXT_H
#define PG_SPEC_SEED_TEXT_H

/* `json`: the path of the plugin with the decoder and the encoder. */
void text_bench(const char *json, int rounds);

#endif
