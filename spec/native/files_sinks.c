/* files_sinks.c - the sinks `file` and `stdout`. */
#include "files_world.h"

static peri_status write_file(const struct sink_params *params,
                              const char *text, char **message)
{
  struct mock mock;
  peri_status status = mock_init_io(&mock, files_plugin, PERI_K_SINK, "file",
                                    params, -1, &files_faulty);
  if (status == PERI_OK) {
    status = mock_put(&mock, text, strlen(text));
    status = status == PERI_OK ? mock_put(&mock, "", 0) : status;
    status = status == PERI_OK ? mock_process(&mock, NULL) : status;
  }
  if (message) {
    *message = mock.message ? strdup(mock.message) : NULL;
  }
  mock_fini(&mock);
  return status;
}

static void expect_failure(const struct sink_params *params,
                           peri_status expected, const char *message)
{
  char *found;
  peri_status status = write_file(params, "some text", &found);
  MOCK_CHECK(status == expected, "gave %d", status);
  if (message) {
    MOCK_SAME(found, message);
  }
  free(found);
}

static void writes_files(void)
{
  struct sink_params anew = {files_str("out.txt"), false};
  struct sink_params more = {files_str("out.txt"), true};
  MOCK_CHECK(write_file(&anew, "first\n", NULL) == PERI_OK, "no write");
  MOCK_SAME(files_load("out.txt"), "first\n");
  MOCK_CHECK(write_file(&more, "second\n", NULL) == PERI_OK, "no append");
  MOCK_SAME(files_load("out.txt"), "first\nsecond\n");
  MOCK_CHECK(write_file(&anew, "third\n", NULL) == PERI_OK, "no write");
  MOCK_SAME(files_load("out.txt"), "third\n");
  for (int error = 0; error < 2; error++) {
    files_set_fault('w', 2, 3, error ? EINTR : EAGAIN);
    files_fault.most = 2;
    MOCK_CHECK(write_file(&anew, "in many pieces\n", NULL) == PERI_OK,
               "a fault was not lived through");
    MOCK_SAME(files_load("out.txt"), "in many pieces\n");
  }
  files_no_faults();
}

static void tells_why_it_cannot_write(void)
{
  struct sink_params params = {files_str("logs"), false};
  expect_failure(&params, PERI_EIO, "cannot open 'logs': Is a directory");
  params.path = files_str("no/such/folder");
  expect_failure(&params, PERI_EIO,
                 "cannot open 'no/such/folder': No such file or directory");
  params.path = files_str("-");
  expect_failure(&params, PERI_EINVAL,
                 "parameter 'path': '-' is no file; stdout() writes to the "
                 "standard output");
  params.path = files_str("");
  expect_failure(&params, PERI_EINVAL, "parameter 'path' is empty");
  params.path = files_str("out.txt");
  files_set_fault('w', 1, 1, ENOSPC);
  files_fault.most = 4;
  expect_failure(&params, PERI_EIO,
                 "cannot write to 'out.txt': No space left on device");
  MOCK_SAME(files_load("out.txt"), "some");
  files_set_fault('c', 0, 1, EIO);
  expect_failure(&params, PERI_EIO,
                 "cannot close 'out.txt': Input/output error");
  files_set_fault('w', 0, 1, EPIPE);
  expect_failure(&params, PERI_EPIPE, NULL);
  files_no_faults();
}

static void writes_to_the_standard_output(void)
{
  fflush(stdout);
  int saved = dup(STDOUT_FILENO), ends[2];
  MOCK_CHECK(pipe(ends) == 0, "no pipe");
  dup2(ends[1], STDOUT_FILENO);
  close(ends[1]);
  struct mock mock;
  char got[20] = "";
  mock_init_io(&mock, files_plugin, PERI_K_SINK, "stdout", NULL, -1,
               &files_faulty);
  peri_status status = mock_put(&mock, "to a pipe\n", 10);
  ssize_t len = read(ends[0], got, sizeof got);
  close(ends[0]);
  files_set_fault('w', 0, 1,
                  EPIPE); /* the signal of a real one would end the test */
  peri_status gone = mock_put(&mock, "nobody\n", 7);
  files_set_fault('w', 0, -1, EAGAIN);
  int32_t stop = 1;
  mock.cx.stop = &stop;
  peri_status stopped = mock_put(&mock, "never\n", 6);
  files_no_faults();
  MOCK_CHECK(mock_process(&mock, NULL) == PERI_OK, "no end");
  mock_fini(&mock);
  dup2(saved, STDOUT_FILENO);
  close(saved);
  MOCK_CHECK(status == PERI_OK && len == 10, "%d, %zd bytes", status, len);
  MOCK_SAME(got, "to a pipe\n");
  MOCK_CHECK(gone == PERI_EPIPE, "a reader that has gone gives %d", gone);
  MOCK_CHECK(stopped == PERI_ECANCEL, "a stopped write gives %d", stopped);
}

void files_sinks_tests(void)
{
  writes_files();
  tells_why_it_cannot_write();
  writes_to_the_standard_output();
}
