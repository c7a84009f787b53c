/* hook_types.h - the C types of hooks: what the numbers in perigee/abi.h mean.
 * P and S are void here, as the host knows them by their layouts only. */
#ifndef PG_PLUGIN_HOOK_TYPES_H
#define PG_PLUGIN_HOOK_TYPES_H
#include <perigee/abi.h>

typedef peri_status pg_open_fn(peri_cx *, const void *, void *);
typedef void pg_close_fn(peri_cx *, const void *, void *);
typedef peri_status pg_schema_fn(peri_cx *, const void *, peri_out *);
typedef peri_status pg_process_fn(peri_cx *, const void *, void *,
                                  const peri_batch *, peri_out *);
typedef peri_status pg_flush_fn(peri_cx *, const void *, void *, peri_out *);
typedef int64_t pg_split_fn(peri_cx *, const void *, void *,
                            const peri_chunk *);
typedef peri_status pg_decode_fn(peri_cx *, const void *, void *,
                                 const peri_chunk *, peri_out *);
typedef peri_status pg_pick_fn(peri_cx *, const void *, void *,
                               const peri_chunk *, const uint32_t *, int64_t,
                               peri_out *);
typedef peri_status pg_encode_fn(peri_cx *, const void *, void *,
                                 const peri_batch *, peri_bytes *);
typedef peri_status pg_finish_fn(peri_cx *, const void *, void *, peri_bytes *);
typedef peri_status pg_poll_fn(peri_cx *, const void *, void *, peri_out *,
                               peri_poll *);
typedef peri_status pg_write_fn(peri_cx *, const void *, void *,
                                const peri_batch *);
typedef peri_status pg_put_fn(peri_cx *, const void *, void *, const char *,
                              size_t);
typedef peri_status pg_step_fn(peri_cx *, void *, const uint32_t *, int64_t,
                               const peri_col *);
typedef peri_status pg_join_fn(peri_cx *, void *, void *);
typedef peri_status pg_final_fn(peri_cx *, const void *, peri_slot *,
                                uint8_t *);
typedef void pg_drop_fn(peri_cx *, void *);

#endif
