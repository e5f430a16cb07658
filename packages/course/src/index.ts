/** What exercises are written with: holes, which the compiler marks until they are filled. */
export { type Hole, hole } from "./hole.ts"
