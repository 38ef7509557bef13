// Style sheets are imported as text; build.mjs minifies them.
declare module "*.css" {
  const text: string;
  export default text;
}
