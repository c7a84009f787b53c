/* decl_lex.h - words and signs of a declaration text, and messages that say
 * where it goes wrong.  Every function answers false after a failure. */
#ifndef PG_PLUGIN_DECL_LEX_H
#define PG_PLUGIN_DECL_LEX_H
#include "base/arena.h"
#include "base/status.h"

#include <stdbool.h>

struct pg_lex {
  const char *text, *at; /* ends with a NUL */
  struct pg_arena *arena;
  struct pg_error *err;
  enum pg_status status;
};

/* Records "declaration '...', line 1, column 5: ..."; false. */
bool pg_lex_fail(struct pg_lex *lex, const char *format, ...) PG_PRINTF(2, 3);
bool pg_lex_no_memory(struct pg_lex *lex);

/* Refuses control characters and texts that are too long. */
bool pg_lex_check_bytes(struct pg_lex *lex);

/* Blanks, but no newline and no tab. */
void pg_lex_skip(struct pg_lex *lex);

/* Take it when it is there, blanks first. */
bool pg_lex_skip_char(struct pg_lex *lex, char c);
bool pg_lex_skip_arrow(struct pg_lex *lex);
bool pg_lex_skip_word(struct pg_lex *lex, const char *word);

/* Fail when it is not there. */
bool pg_lex_expect(struct pg_lex *lex, char c);
bool pg_lex_expect_arrow(struct pg_lex *lex);
bool pg_lex_line(struct pg_lex *lex); /* the end of the line, or of the text */
bool pg_lex_word(struct pg_lex *lex, const char *what, const char **text,
                 size_t *len);
/* A word, copied to the arena. */
bool pg_lex_name(struct pg_lex *lex, const char *what, const char **name);

#endif
