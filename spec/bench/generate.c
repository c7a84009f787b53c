/* generate.c - makes the data of the benchmarks: the same events as NDJSON, as
 * an access log and as CSV.
 *
 *   generate EVENTS DIRECTORY
 *
 * The same number gives the same bytes on every machine.  Paths follow a long
 * tail, sizes and times a skewed one; some messages hold escapes, quotes, commas
 * and letters beyond ASCII, as those of real services do. */
#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* xorshift64* of Vigna, "An experimental exploration of Marsaglia's xorshift
 * generators, scrambled" (2016). */
static uint64_t state = 0x9e3779b97f4a7c15u;

static uint32_t any(void)
{
  state ^= state >> 12;
  state ^= state << 25;
  state ^= state >> 27;
  return (uint32_t)((state * 0x2545f4914f6cdd1du) >> 32);
}

static uint32_t below(uint32_t n)
{
  return (uint32_t)((uint64_t)any() * n >> 32);
}

/* Small numbers are likely: the smallest of three. */
static uint32_t skewed(uint32_t n)
{
  uint32_t a = below(n), b = below(n), c = below(n);
  a = a < b ? a : b;
  return a < c ? a : c;
}

#define PICK(list) list[below(sizeof list / sizeof *list)]

static const char *const services[] = {
  "cart", "search", "login", "stock", "mail", "price", "image", "audit",
};
static const char *const agents[] = {
  "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0",
  "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/126.0",
  "curl/8.5.0", "Mozilla/5.0 (compatible; Bingbot/2.0)",
};
static const struct {
  const char *country, *city;
} places[] = {
  {"DE", "K\u00f6ln"},      {"FR", "Orl\u00e9ans"}, {"BR", "S\u00e3o Paulo"},
  {"JP", "\u6771\u4eac"}, {"US", "Portland"},    {"IN", "Pune"},
};
static const char *const messages[] = {
  "done", "took longer than expected", "retry 2 of 3, then gave up",
  "user said \\\"no\\\"", "two lines\\nof text", "\u00fcberlastet",
};
/* The same messages within CSV quotes. */
static const char *const csv_messages[] = {
  "done", "took longer than expected", "\"retry 2 of 3, then gave up\"",
  "\"user said \"\"no\"\"\"", "\"two lines\nof text\"", "\u00fcberlastet",
};
static const int statuses[] = {
  200, 200, 200, 200, 200, 200, 200, 200, 200, 200, 200, 200, 200, 200,
  201, 204, 301, 304, 304, 400, 403, 404, 404, 500, 502, 503,
};
static const char *const areas[] = {"api", "static", "shop", "health", "media"};

struct event {
  uint64_t ms; /* since 2025-03-01 */
  const char *level, *service, *method, *country, *city, *agent;
  int status, host, message;
  uint32_t latency_us, bytes, user, address;
  char path[64];
};

static void make(struct event *event, uint64_t *ms)
{
  static const char *const methods[] = {"GET", "GET", "GET", "POST", "HEAD"};
  size_t place = below(sizeof places / sizeof *places);
  *ms += below(3);
  event->ms = *ms;
  event->status = PICK(statuses);
  event->level = event->status >= 500 ? "error"
                 : event->status >= 400 ? "warn"
                                        : "info";
  event->service = PICK(services);
  event->method = PICK(methods);
  event->country = places[place].country;
  event->city = places[place].city;
  event->agent = PICK(agents);
  event->host = (int)below(200);
  event->message = (int)below(sizeof messages / sizeof *messages);
  event->latency_us = 100 + skewed(900000);
  event->bytes = 40 + skewed(60000);
  event->user = below(1000000);
  event->address = any();
  snprintf(event->path, sizeof event->path, "/%s/%s/%x", PICK(areas),
           event->service, skewed(5000));
}

/* Days are within March and April 2025. */
static void time_parts(uint64_t ms, unsigned *month, unsigned *day,
                       unsigned *hour, unsigned *minute, unsigned *second)
{
  uint64_t s = ms / 1000, days = s / 86400;
  *month = days < 31 ? 3 : 4;
  *day = (unsigned)(days % 31) + 1;
  *hour = (unsigned)(s / 3600 % 24);
  *minute = (unsigned)(s / 60 % 60);
  *second = (unsigned)(s % 60);
}

static void write_json(FILE *to, const struct event *event)
{
  unsigned month, day, hour, minute, second;
  time_parts(event->ms, &month, &day, &hour, &minute, &second);
  fprintf(to,
          "{\"ts\":\"2025-%02u-%02uT%02u:%02u:%02u.%03uZ\",\"level\":\"%s\","
          "\"service\":\"%s\",\"host\":\"web-%03d\",\"method\":\"%s\","
          "\"path\":\"%s\",\"status\":%d,\"latency_ms\":%u.%03u,"
          "\"bytes\":%" PRIu32 ",\"user_id\":%" PRIu32 ",\"msg\":\"%s\","
          "\"geo\":{\"country\":\"%s\",\"city\":\"%s\"}}\n",
          month, day, hour, minute, second, (unsigned)(event->ms % 1000),
          event->level, event->service, event->host, event->method, event->path,
          event->status, event->latency_us / 1000, event->latency_us % 1000,
          event->bytes, event->user, messages[event->message], event->country,
          event->city);
}

static void write_csv(FILE *to, const struct event *event)
{
  unsigned month, day, hour, minute, second;
  time_parts(event->ms, &month, &day, &hour, &minute, &second);
  fprintf(to,
          "2025-%02u-%02uT%02u:%02u:%02u.%03uZ,%s,%s,web-%03d,%s,%s,%d,"
          "%u.%03u,%" PRIu32 ",%" PRIu32 ",%s,%s,%s\n",
          month, day, hour, minute, second, (unsigned)(event->ms % 1000),
          event->level, event->service, event->host, event->method, event->path,
          event->status, event->latency_us / 1000, event->latency_us % 1000,
          event->bytes, event->user, csv_messages[event->message],
          event->country, event->city);
}

static void write_log(FILE *to, const struct event *event)
{
  unsigned month, day, hour, minute, second;
  time_parts(event->ms, &month, &day, &hour, &minute, &second);
  fprintf(to,
          "%u.%u.%u.%u - - [%02u/%s/2025:%02u:%02u:%02u +0000] \"%s %s "
          "HTTP/1.1\" %d %" PRIu32 " \"-\" \"%s\"\n",
          event->address >> 24, event->address >> 16 & 255,
          event->address >> 8 & 255, event->address & 255, day,
          month == 3 ? "Mar" : "Apr", hour, minute, second, event->method,
          event->path, event->status, event->bytes, event->agent);
}

static FILE *create(const char *directory, const char *name)
{
  char path[4096];
  snprintf(path, sizeof path, "%s/%s", directory, name);
  FILE *file = fopen(path, "wb");
  if (!file) {
    perror(path);
    exit(1);
  }
  return file;
}

static void finish(FILE *file)
{
  if (ferror(file) || fclose(file) != 0) {
    perror("generate");
    exit(1);
  }
}

int main(int argc, char **argv)
{
  char *end = NULL;
  uint64_t count = argc == 3 ? strtoull(argv[1], &end, 10) : 0;
  if (argc != 3 || *end != '\0' || count == 0) {
    fprintf(stderr, "usage: generate EVENTS DIRECTORY\n");
    return 2;
  }
  FILE *json = create(argv[2], "events.ndjson");
  FILE *csv = create(argv[2], "events.csv");
  FILE *log = create(argv[2], "access.log");
  fputs("ts,level,service,host,method,path,status,latency_ms,bytes,user_id,msg,"
        "country,city\n",
        csv);
  uint64_t ms = 0;
  for (uint64_t i = 0; i < count; i++) {
    struct event event;
    make(&event, &ms);
    write_json(json, &event);
    write_csv(csv, &event);
    write_log(log, &event);
  }
  finish(json);
  finish(csv);
  finish(log);
  return 0;
}
