/* `lambda_runtime` sets _X_AMZN_TRACE_ID for every event. glibc before 2.41 keeps every value that a variable
   ever had (https://sourceware.org/git/?p=glibc.git;a=blob;f=stdlib/setenv.c;hb=refs/tags/glibc-2.34,
   KNOWN_VALUE): 144 bytes an event, until a busy sandbox has no memory left. And a thread that resolves a
   name may be reading the environment. Nothing here wants that variable, so it is not set. */

#include <string.h>

int __real_setenv(const char *name, const char *value, int overwrite);

int __wrap_setenv(const char *name, const char *value, int overwrite) {
    return strcmp(name, "_X_AMZN_TRACE_ID") == 0 ? 0 : __real_setenv(name, value, overwrite);
}
