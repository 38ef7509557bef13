// An empty part, asked for when parts of the program do not fit together: all of them are of one build.
// Must never do anything: in the folder of another build, the server answers this name by present.js, which loads
// renew.js.
// Next: thread-view.ts asks for it, renew.ts is what comes then; web::embed answers.
export {};
