// Every scenario, in the order in which they run. A scenario that an engine cannot run returns a sentence with the
// reason.
import blocked from './blocked.mjs';
import cache from './cache.mjs';
import libraries from './libraries.mjs';
import looks from './appearance.mjs';
import many from './several-threads.mjs';
import moves from './moved-element.mjs';
import policy from './policy.mjs';
import routers from './routers.mjs';
import subpath from './subpath.mjs';

export default [...policy, ...subpath, ...routers, ...libraries, ...moves, ...many, ...blocked, ...cache, ...looks];
