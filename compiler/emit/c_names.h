// The names that a module has in C. Different names of the guest, which may
// be any bytes, give different symbols.
#pragma once

#include "llvm/ADT/StringRef.h"

#include <string>

namespace wasmetal {

/// Letters, digits and underscores as they are; any other byte as `_x` and two
/// hexadecimal digits, and so an underscore that would look like one of those.
std::string mangle(llvm::StringRef name);

/// `<prefix>_<export>`. Clear of `<prefix>_module`, of imports and of keywords.
std::string exportSymbol(llvm::StringRef prefix, llvm::StringRef name);

/// `<prefix>_import_<module>_<field>`; underscores of the module's name are
/// written as `_x5f`, so that the first one left is the boundary.
std::string importSymbol(llvm::StringRef prefix, llvm::StringRef module,
                         llvm::StringRef field);

} // namespace wasmetal
