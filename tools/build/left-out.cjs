// Stands where a library was left out of a bundle: see program.ts.
module.exports = {};
