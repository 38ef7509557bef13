// An empty part. A page requests it when parts of the program come from two builds.
// Must never do anything: in the folder of another build, the server answers this name with present.js, which loads
// renew.js.
// Next: thread-view.ts requests it, renew.ts runs then; web::embed answers.
export {};
