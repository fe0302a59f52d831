// dir: box
use std::fs;
use std::io::{Read, Seek, SeekFrom, Write};

fn main() -> std::io::Result<()> {
    fs::create_dir_all("box/a/b")?;
    fs::write("box/a/b/text", "first\nsecond\n")?;
    let mut file = fs::OpenOptions::new().read(true).append(true).open("box/a/b/text")?;
    writeln!(file, "third")?;
    file.seek(SeekFrom::Start(6))?;
    let mut text = String::new();
    file.read_to_string(&mut text)?;
    println!("{:?}", text);
    println!("{}", fs::metadata("box/a/b/text")?.len());
    fs::copy("box/a/b/text", "box/copy")?;
    fs::rename("box/copy", "box/moved")?;
    let mut names: Vec<_> = fs::read_dir("box")?
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    println!("{:?}", names);
    println!("{:?}", fs::read("box/missing").map_err(|error| error.kind()));
    fs::remove_dir_all("box/a")?;
    println!("{}", fs::metadata("box/a").is_err());
    Ok(())
}
