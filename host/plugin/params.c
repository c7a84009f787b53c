/* params.c - from a table of a config to a struct of C. */
#include "plugin/params.h"

#include "plugin/suggest.h"

#include <stdio.h>
#include <string.h>

enum pg_status pg_params_check_layout(const struct pg_decl *decl,
                                      const peri_layout *layout,
                                      struct pg_error *err)
{
  if (layout->n != decl->field_count) {
    return pg_fail(err, PG_REFUSED,
                   "'%s' declares %zu fields, its layout has %u", decl->name,
                   decl->field_count, layout->n);
  }
  for (size_t i = 0; i < decl->field_count; i++) {
    const struct pg_decl_field *field = &decl->fields[i];
    size_t size = pg_decl_type_size(&field->type);
    size_t align = pg_decl_type_align(&field->type);
    uint32_t at = layout->offsets[i];
    if (at > layout->bytes || layout->bytes - at < size || at % align != 0) {
      return pg_fail(err, PG_REFUSED,
                     "'%s.%s' of %zu bytes lies at offset %u of a struct of "
                     "%u bytes",
                     decl->name, field->name, size, at, layout->bytes);
    }
  }
  return PG_OK;
}

static const struct pg_decl_field *find_field(const struct pg_decl *decl,
                                              peri_str name)
{
  for (size_t i = 0; i < decl->field_count; i++) {
    const struct pg_decl_field *field = &decl->fields[i];
    if (strlen(field->name) == name.len &&
        memcmp(field->name, name.ptr, name.len) == 0) {
      return field;
    }
  }
  return NULL;
}

static enum pg_status fail_unknown(const struct pg_decl *decl, peri_str name,
                                   struct pg_error *err)
{
  char hint[400] = "";
  size_t used = 0;
  struct pg_suggest best = {0};
  int shown = name.len < 60 ? (int)name.len : 60;
  for (size_t i = 0; i < decl->field_count; i++) {
    pg_suggest_offer(&best, name.ptr, name.len, decl->fields[i].name);
    int n = snprintf(hint + used, sizeof hint - used, "%s%s",
                     i > 0 ? ", " : "; known: ", decl->fields[i].name);
    used += n > 0 && (size_t)n < sizeof hint - used ? (size_t)n : 0;
  }
  if (best.nearest) {
    snprintf(hint, sizeof hint, "; did you mean '%s'?", best.nearest);
  }
  return pg_fail(err, PG_BAD_INPUT, "unknown parameter '%.*s'%s", shown,
                 name.ptr, hint);
}

static enum pg_status check_names(const struct pg_decl *decl,
                                  const struct pg_value *table,
                                  struct pg_error *err)
{
  if (table->kind == PG_VALUE_NIL ||
      (table->kind == PG_VALUE_LIST && table->u.list.count == 0)) {
    return PG_OK;
  }
  if (table->kind != PG_VALUE_MAP) {
    char shown[60];
    pg_value_show(table, shown, sizeof shown);
    return pg_fail(err, PG_BAD_INPUT, "expected parameters by name, got %s",
                   table->kind == PG_VALUE_LIST ? "a list" : shown);
  }
  for (size_t i = 0; i < table->u.map.count; i++) {
    peri_str name = table->u.map.at[i].key;
    if (!find_field(decl, name)) {
      return fail_unknown(decl, name, err);
    }
  }
  return PG_OK;
}

static enum pg_status fill_field(const struct pg_decl_field *field,
                                 const struct pg_value *table,
                                 struct pg_arena *arena, void *out,
                                 struct pg_error *err)
{
  struct pg_error why = {0};
  const struct pg_value *value = pg_value_find(table, field->name);
  if (!value || value->kind == PG_VALUE_NIL) {
    value = &field->standard;
    if (field->required) {
      bool doc = field->doc && *field->doc;
      return pg_fail(err, PG_BAD_INPUT, "parameter '%s' is missing%s%s%s",
                     field->name, doc ? " (" : "", doc ? field->doc : "",
                     doc ? ")" : "");
    }
  }
  enum pg_status status = pg_field_store(field, value, arena, out, &why);
  if (status != PG_OK) {
    pg_fail(err, status, "parameter '%s': %s", field->name, why.text);
  }
  return status;
}

enum pg_status pg_params_fill(const struct pg_decl *decl,
                              const peri_layout *layout,
                              const struct pg_value *table,
                              struct pg_arena *arena, void *out,
                              struct pg_error *err)
{
  enum pg_status status = check_names(decl, table, err);
  memset(out, 0, layout->bytes);
  for (size_t i = 0; i < decl->field_count && status == PG_OK; i++) {
    status = fill_field(&decl->fields[i], table, arena,
                        (char *)out + layout->offsets[i], err);
  }
  return status;
}
