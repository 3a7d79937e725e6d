/** The gateway's version, told by `/health`. `test/rules/version.test.ts` holds it against package.json. */
export const VERSION = '0.1.0'
