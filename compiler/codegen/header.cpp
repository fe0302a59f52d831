// The guest chooses its names: in comments they are quoted and printable, so
// that none can end a comment, and elsewhere they are mangled.
#include "compiler/codegen/header.h"
#include "compiler/emit/c_names.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/raw_ostream.h"

#include <set>

using namespace llvm;
using namespace wasmetal;

/// Quoted, in printable ASCII. Ends with a quotation mark, never with what
/// would continue a comment on the next line.
static std::string printable(StringRef name) {
  constexpr size_t LongestName = 200;
  std::string text = "\"";
  for (char c : name.take_front(LongestName)) {
    if (isPrint(c) && c != '"' && c != '\\')
      text += c;
    else
      text += "\\" + utohexstr(static_cast<unsigned char>(c),
                               /*LowerCase=*/true, /*Width=*/2);
  }
  return text + (name.size() > LongestName ? "...\"" : "\"");
}

static StringRef cType(ValType type) {
  switch (type.kind) {
  case ValKind::I32:
    return "int32_t ";
  case ValKind::I64:
    return "int64_t ";
  case ValKind::F32:
    return "float ";
  case ValKind::F64:
    return "double ";
  case ValKind::V128:
    return "wm_v128 ";
  default:
    return type.heap == HeapKind::Extern || type.heap == HeapKind::NoExtern
               ? "void *"
               : "wm_function *";
  }
}

/// The parameters behind the instance: values, then where results go.
static std::vector<std::string> parameters(const FuncType &type) {
  std::vector<std::string> list;
  for (auto [i, param] : enumerate(type.params))
    list.push_back(
        (param.kind == ValKind::V128 ? "const wm_v128 *" : cType(param).str()) +
        "p" + std::to_string(i));
  for (auto [i, result] : enumerate(type.results)) {
    std::string name = "result";
    if (type.results.size() > 1)
      name += std::to_string(i);
    list.push_back(cType(result).str() + "*" + name);
  }
  return list;
}

/// `wm_status name(wm_instance *instance, ...);` in lines of 80 columns.
static void declareFunction(raw_ostream &out, StringRef name,
                            const FuncType &type) {
  std::string line = ("wm_status " + name + "(wm_instance *instance").str();
  for (const std::string &parameter : parameters(type)) {
    line += ",";
    if (line.size() + parameter.size() + 3 > 80) {
      out << line << "\n";
      line = "   ";
    }
    line += " " + parameter;
  }
  out << line << ");\n";
}

static std::string limits(const Limits &limits, StringRef unit) {
  std::string text = ", " + std::to_string(limits.minimum);
  if (limits.hasMaximum)
    text += " to " + std::to_string(limits.maximum);
  else
    text += " or more";
  return text + " " + unit.str() + (limits.isShared ? ", shared" : "");
}

/// What a declaration cannot tell of an import or export.
static std::string typeDetails(const wasmetal::Module &module, ExternKind kind,
                               uint32_t index) {
  switch (kind) {
  case ExternKind::Table: {
    const TableType &type = module.tables[index].type;
    return " of " + toString(type.element) + limits(type.limits, "elements");
  }
  case ExternKind::Memory:
    return limits(module.memories[index].type.limits, "pages");
  case ExternKind::Global: {
    const GlobalType &type = module.globals[index].type;
    return ", " + toString(type.type) + (type.isMutable ? ", mutable" : "");
  }
  default:
    return "";
  }
}

static void describeImports(raw_ostream &out, const wasmetal::Module &module,
                            const EmitOptions &options) {
  if (module.imports.empty())
    return;
  out << "//===-- Imports ---------------------------------------------------"
         "--------===//\n\n";
  std::set<std::string> declared;
  for (const Import &import : module.imports) {
    out << "/// Import: " << nameOf(import.kind) << " "
        << printable(import.module) << " " << printable(import.name)
        << typeDetails(module, import.kind, import.index);
    if (isWasiImport(module, import)) {
      out << ": WASI, see wm_wasi_config.\n\n";
      continue;
    }
    if (!bindsBySymbol(module, import, options)) {
      out << ": supply it in wm_options.\n";
      if (import.kind == ExternKind::Function) {
        const FuncType &type = module.typeOfFunction(import.index);
        out << "/// A wm_callback with the values " << toString(type.params)
            << " -> " << toString(type.results) << ".\n";
      }
      out << "\n";
      continue;
    }
    out << ": define it, unless wm_options\n/// supplies another; `instance` "
           "is the one that calls.\n";
    std::string symbol = importSymbol(options.name, import.module, import.name);
    if (declared.insert(symbol).second)
      declareFunction(out, symbol, module.typeOfFunction(import.index));
    out << "\n";
  }
}

static void describeExports(raw_ostream &out, const wasmetal::Module &module,
                            const EmitOptions &options) {
  out << "//===-- Exports ---------------------------------------------------"
         "--------===//\n\n";
  for (const Export &exported : module.exports) {
    out << "/// Export: " << nameOf(exported.kind) << " "
        << printable(exported.name)
        << typeDetails(module, exported.kind, exported.index);
    if (exported.kind != ExternKind::Function) {
      out << ": see wm_instance_export.\n\n";
      continue;
    }
    const wasmetal::Function &function = module.functions[exported.index];
    if (!function.name.empty() && function.name != exported.name)
      out << ", in the source " << printable(function.name);
    out << ".\n";
    declareFunction(out, exportSymbol(options.name, exported.name),
                    module.typeOfFunction(exported.index));
    out << "\n";
  }
}

std::string wasmetal::describeInC(const wasmetal::Module &module,
                                  const EmitOptions &options) {
  std::string text;
  raw_string_ostream out(text);
  const std::string &name = options.name;
  out << "// The module " << name << ", compiled by wasmetal.\n"
      << "//\n"
      << "//   wm_instance *instance;\n"
      << "//   wm_error error;\n"
      << "//   if (wm_instance_create(&" << name
      << "_module, NULL, &instance, &error) != WM_OK)\n"
      << "//     ... error.message ...\n"
      << "//\n"
      << "// Typed functions return WM_OK and leave their results behind the "
         "pointers, or\n"
      << "// they return what went wrong, with details in "
         "wm_last_error(instance).\n"
      << "#pragma once\n\n"
      << "#include <wasmetal/wasmetal.h>\n\n"
      << "#ifdef __cplusplus\nextern \"C\" {\n#endif\n\n"
      << "/// The module's descriptor.\n"
      << "extern const wm_module " << name << "_module;\n\n";
  describeImports(out, module, options);
  describeExports(out, module, options);
  out << "#ifdef __cplusplus\n} // extern \"C\"\n#endif\n";
  return text;
}
