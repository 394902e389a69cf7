#include <koble/koble.h>
#include <stdio.h>

int main(void) {
  printf("%s %u\n", koble_version(), (unsigned)koble_abi_version());
  return 0;
}
