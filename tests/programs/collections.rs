// args: 7 three 11
// env: NAME=value with spaces
// stdin: 3 4\n5 6\n
use std::collections::{BTreeMap, HashMap, HashSet};
use std::io::BufRead;

trait Animal {
    fn name(&self) -> String;
}
struct Dog;
struct Numbered(u64);
impl Animal for Dog {
    fn name(&self) -> String {
        "dog".to_string()
    }
}
impl Animal for Numbered {
    fn name(&self) -> String {
        format!("number {:05}", self.0)
    }
}

fn main() {
    for argument in std::env::args().skip(1) {
        match argument.parse::<u64>() {
            Ok(n) => println!("{} {:x} {:?}", n, n * n, n.checked_sub(10)),
            Err(error) => println!("{}: {}", argument, error),
        }
    }
    println!("{:?}", std::env::var("NAME"));
    let mut sums = BTreeMap::new();
    for line in std::io::stdin().lock().lines() {
        let line = line.unwrap();
        let sum: i64 = line.split(' ').map(|n| n.parse::<i64>().unwrap()).sum();
        sums.insert(line, sum);
    }
    println!("{:?}", sums);
    let squares: HashMap<u32, u32> = (0..1000).map(|n| (n, n * n)).collect();
    let evens: HashSet<u32> = squares.values().map(|n| n % 17).collect();
    let mut evens: Vec<_> = evens.into_iter().collect();
    evens.sort_unstable();
    println!("{} {:?}", squares[&31], evens);
    let animals: Vec<Box<dyn Animal>> = vec![Box::new(Dog), Box::new(Numbered(42))];
    for animal in &animals {
        println!("{}", animal.name());
    }
    println!("{} {:e} {:.3} {}", 0.1 + 0.2, 1234.5f64, std::f32::consts::PI, f64::NAN);
    std::process::exit(9);
}
