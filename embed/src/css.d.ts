// Style sheets are imported as text: build.mjs minifies them on the way.
declare module "*.css" {
  const text: string;
  export default text;
}
