/* decl_lex.c - the reading position in a declaration text. */
#include "plugin/decl_lex.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define TEXT_LEN_MAX ((size_t)1 << 16)
#define SHOWN_MAX 60

bool pg_lex_fail(struct pg_lex *lex, const char *format, ...)
{
  char why[400];
  va_list args;
  va_start(args, format);
  vsnprintf(why, sizeof why, format, args);
  va_end(args);
  int line = 1, column = 1;
  for (const char *at = lex->text; at < lex->at; at++) {
    column = *at == '\n' ? 1 : column + 1;
    line += *at == '\n';
  }
  int shown = (int)strcspn(lex->text, "\n");
  bool cut = shown > SHOWN_MAX;
  lex->status = pg_fail(
    lex->err, PG_REFUSED, "declaration '%.*s%s', line %d, column %d: %s",
    cut ? SHOWN_MAX : shown, lex->text, cut ? "..." : "", line, column, why);
  return false;
}

bool pg_lex_no_memory(struct pg_lex *lex)
{
  lex->status = pg_fail(lex->err, PG_NO_MEMORY, "no memory for a declaration");
  return false;
}

static bool fail_expected(struct pg_lex *lex, const char *expected)
{
  const char *at = lex->at;
  size_t len = strspn(at, "abcdefghijklmnopqrstuvwxyz"
                          "ABCDEFGHIJKLMNOPQRSTUVWXYZ_0123456789");
  if (*at == '\0' || *at == '\n' || *at == '\t') {
    return pg_lex_fail(lex, "expected %s, found the end of %s", expected,
                       *at == '\0' ? "the text" : "the line");
  }
  len = len == 0 ? 1 : len;
  return pg_lex_fail(lex, "expected %s, found '%.*s'", expected,
                     (int)(len < SHOWN_MAX ? len : SHOWN_MAX), at);
}

bool pg_lex_check_bytes(struct pg_lex *lex)
{
  size_t len = strlen(lex->text);
  for (size_t i = 0; i < len; i++) {
    unsigned char c = (unsigned char)lex->text[i];
    if ((c < 32 && c != '\n' && c != '\t') || c == 127) {
      /* The text itself could do things to a terminal: not shown. */
      lex->status = pg_fail(
        lex->err, PG_REFUSED,
        "a declaration has the control character 0x%02x at byte %zu", c, i);
      return false;
    }
  }
  return len <= TEXT_LEN_MAX ||
         pg_lex_fail(lex, "expected at most %zu bytes, found %zu", TEXT_LEN_MAX,
                     len);
}

void pg_lex_skip(struct pg_lex *lex)
{
  lex->at += strspn(lex->at, " ");
}

bool pg_lex_skip_char(struct pg_lex *lex, char c)
{
  pg_lex_skip(lex);
  bool found = *lex->at == c;
  lex->at += found;
  return found;
}

bool pg_lex_skip_arrow(struct pg_lex *lex)
{
  pg_lex_skip(lex);
  bool found = strncmp(lex->at, "->", 2) == 0;
  lex->at += found ? 2 : 0;
  return found;
}

static size_t word_len(const char *at)
{
  size_t len = 0;
  if (isalpha((unsigned char)*at) || *at == '_') {
    while (isalnum((unsigned char)at[len]) || at[len] == '_') {
      len++;
    }
  }
  return len;
}

bool pg_lex_skip_word(struct pg_lex *lex, const char *word)
{
  pg_lex_skip(lex);
  size_t len = strlen(word);
  bool found = word_len(lex->at) == len && memcmp(lex->at, word, len) == 0;
  lex->at += found ? len : 0;
  return found;
}

bool pg_lex_expect(struct pg_lex *lex, char c)
{
  char expected[4] = {'\'', c, '\'', '\0'};
  return pg_lex_skip_char(lex, c) || fail_expected(lex, expected);
}

bool pg_lex_expect_arrow(struct pg_lex *lex)
{
  return pg_lex_skip_arrow(lex) || fail_expected(lex, "'->'");
}

bool pg_lex_line(struct pg_lex *lex)
{
  pg_lex_skip(lex);
  if (*lex->at == '\0') {
    return true;
  }
  if (*lex->at != '\n') {
    return fail_expected(lex, "the end of the line");
  }
  lex->at++;
  return true;
}

bool pg_lex_word(struct pg_lex *lex, const char *what, const char **text,
                 size_t *len)
{
  pg_lex_skip(lex);
  *text = lex->at;
  *len = word_len(lex->at);
  lex->at += *len;
  return *len > 0 || fail_expected(lex, what);
}

bool pg_lex_name(struct pg_lex *lex, const char *what, const char **name)
{
  const char *text;
  size_t len;
  if (!pg_lex_word(lex, what, &text, &len)) {
    return false;
  }
  *name = pg_arena_copy(lex->arena, text, len);
  return *name || pg_lex_no_memory(lex);
}
