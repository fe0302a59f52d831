// Modules for this processor live in this process.
#include "tests/spec/library.h"

#include <dlfcn.h>

const wm_module *spec::loadLibrary(const std::string &path,
                                   const std::string &symbol,
                                   std::string &message) {
  void *library = dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
  void *found = library ? dlsym(library, symbol.c_str()) : nullptr;
  if (!found)
    message = dlerror();
  return static_cast<const wm_module *>(found);
}
