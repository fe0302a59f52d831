// Converts the scripts of the official test suite: for each, a folder with
// commands.json and the modules as binaries.
//
//   node convert.mjs SUITE OUTPUT [--jobs N]
//
// The commands are wast2json's, and `module_definition`, `module_instance`,
// `assert_exception` and `either`. Modules are assembled by wasm-tools (as jco
// packages it), and by wat2wasm what wasm-tools refuses. A module that neither
// takes stays text (`"module_type": "text"`). Scripts that did not change since
// the last conversion are left alone.
import {execFileSync, fork} from 'node:child_process';
import {createHash} from 'node:crypto';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import {fileURLToPath} from 'node:url';

import {parse} from './s_expression.mjs';

const {parse: assemble} =
    await import('@bytecodealliance/jco-transpile/wasm-tools').catch(() => {
      console.error('the assembler is not installed: run tests/spec/setup');
      process.exit(1);
    });

const self = fileURLToPath(import.meta.url);
const utf8 = (latin1) => Buffer.from(latin1, 'latin1').toString('utf8');
const isList = (item, head) =>
    item?.list !== undefined && item.list[0]?.atom === head;

/// The bytes of constants: a function body that drops each of them has a fixed
/// layout, so that one call to the assembler serves a whole script, and rounds
/// exactly.
async function assembleConstants(constants) {
  if (constants.size === 0)
    return;
  const texts = [...constants.keys()];
  const body = texts.map((text) => `(${text}) drop`).join('\n');
  const binary = await assemble(`(module (func ${body}))`);
  const sizes = {'f32.const': [0x43, 4], 'f64.const': [0x44, 8]};
  const total = texts.reduce(
      (sum, text) => sum + sizes[text.slice(0, 9)][1] + 2, 0);
  // The code section ends with the body's `end`; a name section does not
  // follow, as nothing has a name.
  let at = binary.length - 1 - total;
  const view = new DataView(binary.buffer, binary.byteOffset);
  for (const text of texts) {
    const [opcode, size] = sizes[text.slice(0, 9)];
    if (view.getUint8(at) !== opcode)
      throw new Error(`cannot find the constant ${text}`);
    const bits = size === 4 ? view.getUint32(at + 1, true) :
                              view.getBigUint64(at + 1, true);
    constants.set(text, bits.toString());
    at += size + 2;
  }
}

function parseInteger(text, bits) {
  const digits = text.replaceAll('_', '').replace(/^[+-]/, '');
  const magnitude = BigInt(digits);
  const value = text.startsWith('-') ? -magnitude : magnitude;
  return BigInt.asUintN(bits, value).toString();
}

class Converter {
  constructor(source, folder) {
    this.source = source;
    this.folder = folder;
    this.commands = [];
    this.constants = new Map(); // text of a float constant -> its bits
    this.pending = []; // what waits for the constants' bits
    this.numModules = 0;
  }

  async run() {
    const script = parse(this.source);
    if (script.length > 0 && !isCommand(script[0])) {
      // The whole file is the inside of one module.
      await this.addModule({type: 'module', line: script[0].line},
                           this.source, 'wat');
    } else {
      for (const item of script)
        await this.convertCommand(item);
    }
    await assembleConstants(this.constants);
    for (const finish of this.pending)
      finish();
    fs.writeFileSync(path.join(this.folder, 'commands.json'),
                     JSON.stringify({commands: this.commands}, null, 1));
  }

  async convertCommand(item) {
    const [head, ...rest] = item.list;
    const line = item.line;
    switch (head.atom) {
    case 'module':
      if (rest[0]?.atom === 'instance') {
        const [instance, definition] = rest.slice(1).map((x) => x.atom);
        this.commands.push({type: 'module_instance', line,
                            name: definition === undefined ? undefined : instance,
                            module: definition ?? instance});
        return;
      }
      await this.convertModule(
          rest[0]?.atom === 'definition' ? 'module_definition' : 'module', item);
      return;
    case 'register':
      this.commands.push({type: 'register', line, as: utf8(rest[0].string),
                          name: rest[1]?.atom});
      return;
    case 'invoke':
    case 'get':
      this.commands.push({type: 'action', line,
                          action: this.convertAction(item)});
      return;
    case 'assert_return':
      this.commands.push({type: head.atom, line,
                          action: this.convertAction(rest[0]),
                          expected: rest.slice(1).map((x) => this.convertValue(x))});
      return;
    case 'assert_trap':
    case 'assert_exhaustion':
    case 'assert_exception':
      if (isList(rest[0], 'module')) {
        await this.convertModule('assert_uninstantiable', rest[0],
                                 {line, text: utf8(rest[1]?.string ?? '')});
        return;
      }
      this.commands.push({type: head.atom, line,
                          action: this.convertAction(rest[0]),
                          text: utf8(rest[1]?.string ?? '')});
      return;
    case 'assert_invalid':
    case 'assert_malformed':
    case 'assert_unlinkable':
    case 'assert_invalid_custom':
    case 'assert_malformed_custom':
      await this.convertModule(head.atom, rest[0],
                               {line, text: utf8(rest[1].string)});
      return;
    default:
      throw new Error(`line ${line}: unknown command ${head.atom}`);
    }
  }

  convertAction(item) {
    const [head, ...rest] = item.list;
    const module = rest[0].atom;
    const [field, ...args] = module === undefined ? rest : rest.slice(1);
    const action = {type: head.atom, field: utf8(field.string), module};
    if (head.atom === 'invoke')
      action.args = args.map((x) => this.convertValue(x));
    return action;
  }

  convertValue(item) {
    const [head, ...rest] = item.list;
    const text = rest[0]?.atom;
    const type = head.atom.split('.')[0];
    switch (head.atom) {
    case 'either':
      return {type: 'either', values: rest.map((x) => this.convertValue(x))};
    case 'i32.const':
      return {type, value: parseInteger(text, 32)};
    case 'i64.const':
      return {type, value: parseInteger(text, 64)};
    case 'f32.const':
    case 'f64.const':
      return this.convertFloat(type, text);
    case 'v128.const': {
      const lane = text.slice(0, text.indexOf('x'));
      const lanes = rest.slice(1).map((x) => x.atom);
      const values = lanes.map((x) => lane.startsWith('f') ?
          this.convertFloat(lane, x) :
          {type: lane, value: parseInteger(x, Number(lane.slice(1)))});
      return {type, lane_type: lane, lanes: values};
    }
    case 'ref.null':
      return {type: 'ref', heap: text, value: 'null'};
    case 'ref.extern':
    case 'ref.host':
      return {type: 'ref', heap: 'extern', value: text ?? 'any'};
    default:
      if (!head.atom.startsWith('ref.'))
        throw new Error(`line ${item.line}: unknown value ${head.atom}`);
      return {type: 'ref', heap: head.atom.slice(4), value: 'any'};
    }
  }

  convertFloat(type, text) {
    if (text === 'nan:canonical' || text === 'nan:arithmetic')
      return {type, value: text};
    const constant = `${type}.const ${text}`;
    const result = {type, value: ''};
    this.constants.set(constant, '');
    this.pending.push(() => {
      result.value = this.constants.get(constant);
    });
    return result;
  }

  async convertModule(type, item, more = {}) {
    const rest = item.list.slice(1);
    let begin = item.list[0].end; // of the fields, annotations with them
    if (rest[0]?.atom === 'definition')
      begin = rest.shift().end;
    let name;
    if (rest[0]?.atom?.startsWith('$')) {
      name = rest[0].atom;
      begin = rest.shift().end;
    }
    const command = {type, line: item.line, name, ...more};
    const bytes = () => rest.slice(1).map((x) => x.string).join('');
    if (rest[0]?.atom === 'binary') {
      this.writeModule(command, Buffer.from(bytes(), 'latin1'), 'binary');
      return;
    }
    if (rest[0]?.atom === 'quote') {
      // Whether malformed text is refused is for the product's own assembler.
      if (type === 'assert_malformed')
        this.writeModule(command, Buffer.from(bytes(), 'latin1'), 'text');
      else
        await this.addModule(command, bytes());
      return;
    }
    const fields = this.source.slice(begin, item.end - 1);
    await this.addModule(command, `(module ${name ?? ''} ${fields})`);
  }

  async addModule(command, text) {
    let binary;
    try {
      binary = await assemble(utf8(text));
    } catch (error) {
      binary = this.assembleByWabt(Buffer.from(text, 'latin1'));
      if (binary === undefined) {
        command.message = String(error.payload ?? error.message ?? error);
        this.writeModule(command, Buffer.from(text, 'latin1'), 'text');
        return;
      }
    }
    this.writeModule(command, binary, 'binary');
  }

  assembleByWabt(text) {
    const input = path.join(this.folder, 'input.wat');
    const output = path.join(this.folder, 'output.wasm');
    fs.writeFileSync(input, text);
    try {
      execFileSync('wat2wasm', ['--enable-exceptions', '--no-check',
                                '--debug-names', input, '-o', output],
                   {stdio: 'ignore'});
      return fs.readFileSync(output);
    } catch (error) {
      if (error.code === 'ENOENT')
        throw error;
      return undefined;
    } finally {
      fs.rmSync(input, {force: true});
      fs.rmSync(output, {force: true});
    }
  }

  writeModule(command, bytes, kind) {
    const filename =
        `${this.numModules++}.${kind === 'binary' ? 'wasm' : 'wat'}`;
    fs.writeFileSync(path.join(this.folder, filename), bytes);
    this.commands.push({...command, filename, module_type: kind});
  }
}

function isCommand(item) {
  const head = item.list?.[0]?.atom ?? '';
  return /^(module|register|invoke|get|assert_.*)$/.test(head);
}

function findScripts(folder, prefix = '') {
  const scripts = [];
  for (const entry of fs.readdirSync(folder, {withFileTypes: true})) {
    if (entry.name.startsWith('.'))
      continue;
    if (entry.isDirectory())
      scripts.push(...findScripts(path.join(folder, entry.name),
                                  `${prefix}${entry.name}/`));
    else if (entry.name.endsWith('.wast'))
      scripts.push(`${prefix}${entry.name.slice(0, -'.wast'.length)}`);
  }
  return scripts.sort();
}

/// What the results depend on besides the script.
function toolHash() {
  const hash = createHash('sha256');
  for (const file of ['convert.mjs', 's_expression.mjs', 'package-lock.json'])
    hash.update(fs.readFileSync(path.join(path.dirname(self), file)));
  return hash.digest('hex');
}

async function convert(suite, output, script, tools) {
  const source = fs.readFileSync(path.join(suite, `${script}.wast`));
  const stamp = createHash('sha256').update(tools).update(source).digest('hex');
  // With the extension: "custom" is a script and a folder of scripts.
  const folder = path.join(output, `${script}.wast`);
  const stampFile = path.join(folder, 'stamp');
  if (fs.existsSync(stampFile) && fs.readFileSync(stampFile, 'utf8') === stamp)
    return false;
  fs.rmSync(folder, {recursive: true, force: true});
  fs.mkdirSync(folder, {recursive: true});
  await new Converter(source.toString('latin1'), folder).run();
  fs.writeFileSync(stampFile, stamp);
  return true;
}

async function work(suite, output, scripts) {
  const tools = toolHash();
  let failures = 0;
  let converted = 0;
  for (const script of scripts) {
    try {
      converted += await convert(suite, output, script, tools) ? 1 : 0;
    } catch (error) {
      ++failures;
      console.error(`${script}: ${error.message ?? error}`);
    }
  }
  return {failures, converted};
}

async function main() {
  const [suite, output, , jobsText] = process.argv.slice(2);
  if (!suite || !fs.existsSync(suite)) {
    console.error(`no test suite at "${suite ?? ''}": set the CMake variable ` +
                  'WASMETAL_TESTSUITE to a checkout of WebAssembly/testsuite');
    return 1;
  }
  const scripts = findScripts(suite);
  if (scripts.length === 0) {
    console.error(`no script in "${suite}"`);
    return 1;
  }
  const jobs = Number(jobsText ?? os.cpus().length);
  const results = await Promise.all(Array.from({length: jobs}, (_, job) =>
      new Promise((resolve) => {
        const child = fork(self, ['--worker'], {stdio: 'inherit'});
        const list = scripts.filter((_, index) => index % jobs === job);
        let result = {failures: list.length, converted: 0};
        child.on('message', (message) => result = message);
        child.on('exit', () => resolve(result));
        child.send({suite, output, scripts: list});
      })));
  const sum = (key) => results.reduce((total, x) => total + x[key], 0);
  const spectest = path.join(path.dirname(self), 'spectest.wat');
  fs.writeFileSync(path.join(output, 'spectest.wasm'),
                   await assemble(fs.readFileSync(spectest, 'utf8')));
  // What is no longer in the suite must not be run.
  fs.writeFileSync(path.join(output, 'scripts.txt'), `${scripts.join('\n')}\n`);
  console.log(`${scripts.length} scripts, ${sum('converted')} converted, ` +
              `${sum('failures')} failed`);
  return sum('failures') === 0 ? 0 : 1;
}

if (process.argv[2] === '--worker') {
  process.once('message', async ({suite, output, scripts}) => {
    const result = await work(suite, output, scripts);
    process.send(result, () => process.exit(0));
  });
} else {
  process.exitCode = await main();
}
