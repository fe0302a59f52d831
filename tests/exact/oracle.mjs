// Runs programs of random modules in V8, for oracle.cpp: one request a line,
// and one answer.
import { readFileSync, readSync, writeFileSync, writeSync } from 'node:fs';

// wm_trap_code, in the order of traps.def. V8 has one message for some pairs.
const names = ['', 'unreachable', 'memory_bounds', 'table_bounds',
  'undefined_element', 'uninitialized_element', 'indirect_call_type',
  'divide_by_zero', 'integer_overflow', 'invalid_conversion'];
const messages = [
  ['unreachable', 'unreachable'],
  ['memory access out of bounds', 'memory_bounds'],
  ['table index is out of bounds', 'undefined_element'],
  ['null function or function signature', 'uninitialized_element',
    'indirect_call_type'],
  ['divide by zero', 'divide_by_zero'],
  ['remainder by zero', 'divide_by_zero'],
  ['divide result unrepresentable', 'integer_overflow'],
  ['float unrepresentable', 'integer_overflow', 'invalid_conversion'],
];

function trapsOf(error) {
  for (const [text, ...traps] of messages)
    if (error instanceof WebAssembly.RuntimeError &&
        error.message.startsWith(text))
      return traps.reduce((mask, name) => mask | 1 << names.indexOf(name), 0);
  throw error;
}

function imageOf(exports, place) {
  const memory = new Uint8Array(exports.memory.buffer);
  const image = new Uint8Array(memory.length + 12);
  image.set(memory);
  const view = new DataView(image.buffer, memory.length);
  view.setInt32(0, exports[`g_${place}`].value, true);
  view.setBigInt64(4, exports[`h_${place}`].value, true);
  return image;
}

// The same as in machine.cpp.
function hashOf(image) {
  const words = new Uint32Array(image.buffer);
  let a = 0x811c9dc5 | 0, b = 1;
  for (let i = 0; i < words.length; ++i) {
    const word = words[i];
    a = Math.imul(a ^ word, 0x01000193);
    a ^= a >>> 15;
    b = Math.imul(b + word | 0, 0x85ebca6b);
    b ^= b >>> 13;
  }
  const hex = x => (x >>> 0).toString(16).padStart(8, '0');
  return hex(a) + hex(b);
}

let module;

function run(place, a, b, c, d, path) {
  const { exports } = new WebAssembly.Instance(module);
  exports.init();
  let result = 0n, traps = 0;
  try {
    result = exports[`run_${place}`](+a, +b, +c, BigInt(d));
  } catch (error) {
    traps = trapsOf(error);
  }
  const image = imageOf(exports, place);
  if (path !== '-')
    writeFileSync(path, image);
  const pages = exports.memory.buffer.byteLength >> 16;
  return [traps.toString(16), pages, BigInt.asUintN(64, result).toString(16),
    hashOf(image)].join(' ');
}

function answer(line) {
  const [request, ...rest] = line.split(' ');
  if (request === 'hello')
    return 'hello';
  if (request === 'run')
    return run(...rest);
  module = new WebAssembly.Module(readFileSync(rest.join(' ')));
  return 'loaded';
}

const buffer = Buffer.alloc(65536);
let pending = '';
for (;;) {
  const size = readSync(0, buffer);
  if (size === 0)
    break;
  pending += buffer.toString('latin1', 0, size);
  const lines = pending.split('\n');
  pending = lines.pop();
  for (const line of lines) {
    let text;
    try {
      text = answer(line);
    } catch (error) {
      text = `error: ${error}`.replaceAll('\n', ' ');
    }
    writeSync(1, text + '\n');
  }
}
