// exit: 134
// stderr: panicked at 'index out of bounds: the len is 3 but the index is 7'
// stderr: wasmetal: trap: unreachable
fn main() {
    let values = vec![1, 2, 3];
    let index = std::env::args().count() + 6;
    println!("{}", values[index]);
}
