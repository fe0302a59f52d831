// Runs a WASI program by Node.js; or only compiles it, and prints seconds and
// peak memory in KiB. Nothing is awaited: Node.js 24 ends while a module is
// compiled in the background.
import {readFileSync, writeSync} from 'node:fs';
import {argv, exit, resourceUsage} from 'node:process';
import {WASI} from 'node:wasi';

const [file, ...rest] = argv.slice(2);
const bytes = readFileSync(file);
if (rest[0] === '--compile-only') {
  const begin = performance.now();
  new WebAssembly.Module(bytes);
  const seconds = (performance.now() - begin) / 1000;
  writeSync(1, `${seconds} ${resourceUsage().maxRSS}\n`);
  exit(0);
}
const wasi = new WASI({version: 'preview1', args: [file, ...rest], env: {},
                       preopens: {}, returnOnExit: true});
const module = new WebAssembly.Module(bytes);
const instance = new WebAssembly.Instance(module, wasi.getImportObject());
process.exitCode = wasi.start(instance);
