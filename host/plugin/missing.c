/* missing.c - asks for every library and every symbol by itself. */
#define _GNU_SOURCE /* RTLD_DEFAULT */
#include "plugin/missing.h"

#include <dlfcn.h>
#include <stdio.h>
#include <string.h>

#define NAMES_BYTES 600

/* "'a', 'b' and 3 more"; the zeroed struct is empty. */
struct names {
  char text[NAMES_BYTES];
  size_t len, count, left_out;
};

static void add(struct names *names, const char *name)
{
  names->count++;
  size_t room = sizeof names->text - names->len;
  size_t n = strlen(name) + 5;
  if (names->left_out > 0 || n >= room) {
    names->left_out++;
    return;
  }
  names->len += (size_t)snprintf(names->text + names->len, room, "%s'%s'",
                                 names->len > 0 ? ", " : "", name);
}

static enum pg_status fail(const char *what, const struct names *names,
                           struct pg_error *err)
{
  char more[40] = "";
  if (names->left_out > 0) {
    snprintf(more, sizeof more, " and %zu more", names->left_out);
  }
  return pg_fail(err, PG_REFUSED, "cannot load it: %s: %s%s", what, names->text,
                 more);
}

static bool is_wanted(const struct pg_elf *elf, const Elf64_Sym *symbol)
{
  return symbol->st_shndx == SHN_UNDEF && symbol->st_name != 0 &&
         ELF64_ST_BIND(symbol->st_info) == STB_GLOBAL &&
         elf->strings[symbol->st_name] != '\0';
}

/* The search that the dynamic loader makes: the program and what is global,
 * then the libraries that the file needs, with theirs. */
static bool is_found(const char *name, void *const *handles, size_t count)
{
  if (dlsym(RTLD_DEFAULT, name)) {
    return true;
  }
  for (size_t i = 0; i < count; i++) {
    if (dlsym(handles[i], name)) {
      return true;
    }
  }
  return false;
}

/* Without the path of the copy, which says nothing to anybody. */
static const char *without_path(const char *why, const char *path)
{
  size_t len = strlen(path);
  if (strncmp(why, path, len) == 0 && strncmp(why + len, ": ", 2) == 0) {
    why += len + 2;
  }
  return why;
}

enum pg_status pg_missing_fail(const struct pg_elf *elf, const char *path,
                               struct pg_error *err)
{
  struct names libraries = {.count = 0}, symbols = {.count = 0};
  void *handles[PG_ELF_NEEDED_MAX];
  size_t count = 0;
  char said[NAMES_BYTES];
  const char *why = dlerror();
  snprintf(said, sizeof said, "%s",
           why ? without_path(why, path) : "no reason is known");
  for (size_t i = 0; i < elf->needed_count; i++) {
    handles[count] = dlopen(elf->needed[i], RTLD_LAZY | RTLD_LOCAL);
    if (handles[count]) {
      count++;
    } else {
      add(&libraries, elf->needed[i]);
    }
  }
  if (libraries.count > 0) {
    return fail(libraries.count == 1 ? "a library that it needs is missing"
                                     : "libraries that it needs are missing",
                &libraries, err);
  }
  for (size_t i = 0; i < elf->symbol_count; i++) {
    const char *name = elf->strings + elf->symbols[i].st_name;
    if (is_wanted(elf, &elf->symbols[i]) && !is_found(name, handles, count)) {
      add(&symbols, name);
    }
  }
  if (symbols.count > 0) {
    return fail(symbols.count == 1 ? "a symbol that no library has"
                                   : "symbols that no library has",
                &symbols, err);
  }
  return pg_fail(err, PG_REFUSED, "cannot load it: %s", said);
}
