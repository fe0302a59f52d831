// Splits scripts of the official test suite into s-expressions.
// https://webassembly.github.io/spec/core/text/lexical.html
//
// Sources are Latin-1 strings, one character for each byte of the file: string
// literals and quoted modules may hold bytes that are not UTF-8.

const space = /[ \t\r\n]/;
const delimiter = /[ \t\r\n()";]/;

const isAnnotation = (item) => item.list?.[0]?.atom?.startsWith('@') ?? false;

/// Annotations count as white space. A list is {list, line, begin, end}, a string literal {string, ...} with its
/// escapes resolved to bytes, anything else {atom, ...}. `begin` and `end` are
/// positions in the source.
export function parse(source) {
  let at = 0;
  let line = 1;

  function fail(message) {
    throw new Error(`line ${line}: ${message}`);
  }

  function skipSpace() {
    while (at < source.length) {
      const c = source[at];
      if (c === '\n') {
        ++line;
        ++at;
      } else if (space.test(c)) {
        ++at;
      } else if (source.startsWith(';;', at)) {
        while (at < source.length && source[at] !== '\n' && source[at] !== '\r')
          ++at;
      } else if (source.startsWith('(;', at)) {
        skipBlockComment();
      } else {
        return;
      }
    }
  }

  function skipBlockComment() {
    let depth = 0;
    do {
      if (source.startsWith('(;', at)) {
        ++depth;
        at += 2;
      } else if (source.startsWith(';)', at)) {
        --depth;
        at += 2;
      } else if (at >= source.length) {
        fail('unclosed comment');
      } else {
        if (source[at] === '\n')
          ++line;
        ++at;
      }
    } while (depth > 0);
  }

  function parseString() {
    const begin = at++;
    const startLine = line;
    let bytes = '';
    for (;;) {
      if (at >= source.length)
        fail('unclosed string');
      const c = source[at++];
      if (c === '"')
        return {string: bytes, line: startLine, begin, end: at};
      if (c !== '\\') {
        if (c === '\n')
          ++line;
        bytes += c;
        continue;
      }
      const escape = source[at++];
      const simple = {t: '\t', n: '\n', r: '\r', '"': '"', "'": "'", '\\': '\\'};
      if (escape in simple) {
        bytes += simple[escape];
      } else if (escape === 'u') {
        const close = source.indexOf('}', at);
        const digits = source.slice(at + 1, close).replaceAll('_', '');
        bytes += Buffer.from(String.fromCodePoint(parseInt(digits, 16)))
                     .toString('latin1');
        at = close + 1;
      } else {
        bytes += String.fromCharCode(parseInt(source.slice(at - 1, at + 1), 16));
        ++at;
      }
    }
  }

  function parseItem() {
    const begin = at;
    const startLine = line;
    if (source[at] === '"')
      return parseString();
    if (source[at] === '(') {
      ++at;
      const list = [];
      for (;;) {
        skipSpace();
        if (at >= source.length)
          fail(`unclosed parenthesis of line ${startLine}`);
        if (source[at] === ')') {
          ++at;
          return {list, line: startLine, begin, end: at};
        }
        const item = parseItem();
        if (!isAnnotation(item))
          list.push(item);
      }
    }
    if (source[at] === ')')
      fail('unopened parenthesis');
    while (at < source.length && !delimiter.test(source[at]))
      ++at;
    if (at === begin)
      ++at; // a lone `;`
    return {atom: source.slice(begin, at), line: startLine, begin, end: at};
  }

  const items = [];
  for (skipSpace(); at < source.length; skipSpace()) {
    const item = parseItem();
    if (!isAnnotation(item))
      items.push(item);
  }
  return items;
}
