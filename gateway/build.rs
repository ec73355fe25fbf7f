//! Has the gateway built anew when what it embeds has changed: a derive can not say so itself.

fn main() {
    // A folder that is missing counts as changed, so that the bundles are found as soon as there are any.
    for folder in ["../dist", "../www"] {
        println!("cargo:rerun-if-changed={folder}");
    }
}
