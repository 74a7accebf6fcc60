/**
 * Loads a package that only those need who configured what it serves.
 *
 * @throws Error with the command that installs it, when it is missing; what loading threw, otherwise.
 */
export async function optionalPackage<T>(name: string, neededBy: string, load: () => Promise<T>): Promise<T> {
  try {
    return await load();
  } catch (error) {
    if (!isMissing(error, name)) throw error;
    throw new Error(`${neededBy} needs the package "${name}", which is not installed. Run: npm install ${name}`, {
      cause: error,
    });
  }
}

/** Whether it is this package that was not found, rather than one that it needs. */
function isMissing(error: unknown, name: string): boolean {
  if (!(error instanceof Error)) return false;
  const { code } = error as NodeJS.ErrnoException;
  return (code === 'ERR_MODULE_NOT_FOUND' || code === 'MODULE_NOT_FOUND') && error.message.includes(`'${name}'`);
}
