/* main.c - the program: everything it does begins in Lua. */
#include "bind/state.h"

int main(int argc, char **argv)
{
  return pg_state_main(argc, argv);
}
