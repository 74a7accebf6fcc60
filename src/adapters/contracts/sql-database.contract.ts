import type { ContractRunner, SqlDatabase, SqlValue } from '../../core/index.js';

/**
 * What every {@link SqlDatabase} must do, so that a repository behaves the same on each. `open` gives a database without
 * tables for each test, `close` ends it; `another` opens it again, as another process does.
 */
export function describeSqlDatabase<D extends SqlDatabase>(
  {
    describe,
    it,
    expect,
    beforeEach,
    afterEach,
  }: ContractRunner & { readonly afterEach: ContractRunner['beforeEach'] },
  open: () => Promise<D>,
  another: ((first: D) => Promise<D>) | undefined,
  close: (database: D) => Promise<void>,
): void {
  describe('SqlDatabase contract', () => {
    let database: D;

    beforeEach(async () => {
      database = await open();
      const [real, blob] = database.dialect === 'postgres' ? ['DOUBLE PRECISION', 'BYTEA'] : ['REAL', 'BLOB'];
      await database.execute(`CREATE TABLE thing (id BIGINT PRIMARY KEY, name TEXT, amount ${real}, data ${blob})`);
    });

    afterEach(async () => await close(database));

    const insert = async (id: SqlValue, name: SqlValue = null, amount: SqlValue = null, data: SqlValue = null) =>
      await database.execute('INSERT INTO thing (id, name, amount, data) VALUES (?, ?, ?, ?)', [
        id,
        name,
        amount,
        data,
      ]);
    const ids = async (): Promise<readonly SqlValue[]> => {
      const { rows } = await database.execute('SELECT id FROM thing ORDER BY id');
      return rows.map(({ id }) => id ?? null);
    };

    it('gives values back as they were given', async () => {
      await insert(1, "it's ü 🐦\n", 2.5, new Uint8Array([0, 1, 255]));
      await insert(2, '', -0.125, new Uint8Array());
      await insert(3);
      const { rows } = await database.execute('SELECT * FROM thing ORDER BY id');
      expect(rows).toEqual([
        { id: 1, name: "it's ü 🐦\n", amount: 2.5, data: new Uint8Array([0, 1, 255]) },
        { id: 2, name: '', amount: -0.125, data: new Uint8Array() },
        { id: 3, name: null, amount: null, data: null },
      ]);
    });

    it('gives integers as numbers as long as those are exact, then as bigints', async () => {
      const largest = 2n ** 63n - 1n;
      for (const id of [Number.MAX_SAFE_INTEGER, 9_007_199_254_740_993n, -largest, largest]) await insert(id);
      expect(await ids()).toEqual([-largest, Number.MAX_SAFE_INTEGER, 9_007_199_254_740_993n, largest]);
    });

    it('counts and sums to numbers', async () => {
      await insert(1);
      await insert(2);
      const { rows } = await database.execute('SELECT COUNT(*) AS number, SUM(id) AS total FROM thing');
      expect(rows).toEqual([{ number: 2, total: 3 }]);
    });

    it('keeps booleans as 1 and 0', async () => {
      await insert(true, 'yes');
      await insert(false, 'no');
      expect(await ids()).toEqual([0, 1]);
      const { rows } = await database.execute('SELECT name FROM thing WHERE id = ?', [true]);
      expect(rows).toEqual([{ name: 'yes' }]);
    });

    it('takes a question mark for a parameter outside of literals, names and comments only', async () => {
      await insert(7, 'it?');
      const { rows } = await database.execute(
        `SELECT id AS "what?", '?''?' AS mark /* really? */ FROM thing -- is it?\n WHERE name = ? AND name <> '?' AND id = ?`,
        ['it?', 7],
      );
      expect(rows).toEqual([{ 'what?': 7, mark: "?'?" }]);
    });

    it('counts what was changed, and rows only when they are asked for', async () => {
      expect(await database.execute('INSERT INTO thing (id) VALUES (1), (2), (3)')).toEqual({ rows: [], changes: 3 });
      const updated = await database.execute('UPDATE thing SET name = ? WHERE id > ? RETURNING id', ['new', 1]);
      expect(updated.changes).toBe(2);
      expect(new Set(updated.rows.map(({ id }) => id))).toEqual(new Set([2, 3]));
      expect((await database.execute('SELECT id FROM thing')).changes).toBe(0);
      expect((await database.execute('CREATE TABLE other (id BIGINT)')).changes).toBe(0);
      expect(await database.execute('DELETE FROM thing WHERE id = ?', [9])).toEqual({ rows: [], changes: 0 });
      expect((await database.execute('DELETE FROM thing')).changes).toBe(3);
    });

    it('does nothing on a conflict that is named, and inserts or updates on one', async () => {
      await insert(1, 'a');
      const again = 'INSERT INTO thing (id, name) VALUES (?, ?) ON CONFLICT (id) DO';
      expect((await database.execute(`${again} NOTHING`, [1, 'b'])).changes).toBe(0);
      expect((await database.execute(`${again} UPDATE SET name = excluded.name`, [1, 'c'])).changes).toBe(1);
      expect((await database.execute('SELECT name FROM thing')).rows).toEqual([{ name: 'c' }]);
    });

    it('refuses a wrong number of parameters', async () => {
      await expect(database.execute('SELECT id FROM thing WHERE id = ?', [])).rejects.toThrow(
        /1 parameters .* 0 values/,
      );
      await expect(database.execute('SELECT id FROM thing', [1])).rejects.toThrow(/0 parameters .* 1 values/);
    });

    it('refuses values that no database keeps', async () => {
      const wrong = [Number.NaN, Number.POSITIVE_INFINITY, 2n ** 63n, 'a\0b', undefined, new Date(), {}, [1]];
      for (const value of wrong) {
        const inserting = database.execute('INSERT INTO thing (id, name) VALUES (?, ?)', [1, value as SqlValue]);
        await expect(inserting).rejects.toThrow(/^Parameter 2 is .*: expected/);
      }
      expect(await ids()).toEqual([]);
    });

    it('refuses several statements in one, and transactions by hand', async () => {
      await expect(database.execute('DELETE FROM thing; SELECT 1')).rejects.toThrow(/one by one/);
      for (const statement of ['BEGIN', 'commit', ' /* x */ ROLLBACK', 'SAVEPOINT a', '-- only a comment', ' ']) {
        await expect(database.execute(statement)).rejects.toThrow(/transaction\(work\)|is empty/);
      }
      expect((await database.execute("SELECT ';' AS text;")).rows).toEqual([{ text: ';' }]);
    });

    it('goes on after a statement that fails', async () => {
      await insert(1);
      await expect(insert(1)).rejects.toThrow();
      await expect(database.execute('SELECT nothing FROM nowhere')).rejects.toThrow();
      await expect(database.execute('INSERT INTO thing (id) VALUES (?) RETURNING id', [1])).rejects.toThrow();
      await insert(2);
      expect(await ids()).toEqual([1, 2]);
    });

    it('sees a schema that has changed since a statement was first used', async () => {
      await insert(1);
      await database.execute('SELECT * FROM thing');
      await database.execute('ALTER TABLE thing ADD COLUMN colour TEXT');
      expect((await database.execute('SELECT * FROM thing')).rows).toEqual([
        { id: 1, name: null, amount: null, data: null, colour: null },
      ]);
    });

    it('commits a transaction whose work resolves, with what it returns', async () => {
      const result = await database.transaction(async (executor) => {
        await executor.execute('INSERT INTO thing (id) VALUES (?)', [1]);
        const { rows } = await executor.execute('SELECT id FROM thing');
        return rows.length;
      });
      expect(result).toBe(1);
      expect(await ids()).toEqual([1]);
    });

    it('rolls back a transaction whose work throws, and throws the same', async () => {
      const failing = database.transaction(async (executor) => {
        await executor.execute('INSERT INTO thing (id) VALUES (?)', [1]);
        throw new Error('changed my mind');
      });
      await expect(failing).rejects.toThrow(/^changed my mind$/);
      expect(await ids()).toEqual([]);
    });

    it('rolls back a transaction of which one statement failed, also when work catches that', async () => {
      const failing = database.transaction(async (executor) => {
        await executor.execute('INSERT INTO thing (id) VALUES (1)');
        await executor.execute('INSERT INTO thing (id) VALUES (1)').catch(() => undefined);
        await executor.execute('INSERT INTO thing (id) VALUES (2)').catch(() => undefined);
      });
      await expect(failing).rejects.toThrow(/unique/i);
      expect(await ids()).toEqual([]);
    });

    it('finishes statements that work did not await, and refuses those that come after it', async () => {
      let late: () => Promise<unknown> = async () => await Promise.resolve();
      await database.transaction(async (executor) => {
        late = async () => await executor.execute('INSERT INTO thing (id) VALUES (3)');
        void executor.execute('INSERT INTO thing (id) VALUES (1)');
        void executor.execute('INSERT INTO thing (id) VALUES (2)');
        await Promise.resolve();
      });
      expect(await ids()).toEqual([1, 2]);
      await expect(late()).rejects.toThrow(/is over/);
      expect(await ids()).toEqual([1, 2]);
    });

    it('loses nothing of transactions that read, then write, at once', async () => {
      await insert(1, null, 0);
      const increment = async (): Promise<void> =>
        await database.transaction(async (executor) => {
          const { rows } = await executor.execute('SELECT amount FROM thing WHERE id = 1');
          await new Promise((resolve) => setImmediate(resolve));
          await executor.execute('UPDATE thing SET amount = ? WHERE id = 1', [Number(rows[0]?.['amount']) + 1]);
        });
      await Promise.all(Array.from({ length: 20 }, increment));
      expect((await database.execute('SELECT amount FROM thing')).rows).toEqual([{ amount: 20 }]);
    });

    it('shows nothing of a transaction before its end', async () => {
      const events = new Map<string, () => void>();
      const event = async (name: string): Promise<void> => await new Promise((resolve) => events.set(name, resolve));
      const [inserted, goOn] = [event('inserted'), event('goOn')];
      const failing = database.transaction(async (executor) => {
        await executor.execute('INSERT INTO thing (id) VALUES (1)');
        events.get('inserted')?.();
        await goOn;
        throw new Error('changed my mind');
      });
      await inserted;
      const seen = ids();
      // What waits for the transaction gets to wait.
      await new Promise((resolve) => setImmediate(resolve));
      events.get('goOn')?.();
      await expect(failing).rejects.toThrow(/changed my mind/);
      expect(await seen).toEqual([]);
    });

    it('refuses to be used inside its own transaction', async () => {
      await expect(database.transaction(async () => await insert(1))).rejects.toThrow(/inside its own transaction/);
      const nested = database.transaction(async () => await database.transaction(async () => await insert(1)));
      await expect(nested).rejects.toThrow(/inside its own transaction/);
      expect(await ids()).toEqual([]);
    });

    it('refuses everything once it is closed, and may be closed twice', async () => {
      const closed = await open();
      await close(closed);
      await close(closed);
      await expect(closed.execute('SELECT 1')).rejects.toThrow();
      await expect(closed.transaction(async () => await Promise.resolve())).rejects.toThrow();
      await expect(closed.check()).rejects.toThrow();
    });

    it('says that it is well', async () => {
      await database.check();
      expect(await ids()).toEqual([]);
    });

    if (another !== undefined) {
      it('shares what was committed, and the lock of writers, with other processes', async () => {
        const other = await another(database);
        const add = async (to: SqlDatabase): Promise<void> =>
          await to.transaction(async (executor) => {
            const { rows } = await executor.execute('SELECT COUNT(*) AS number FROM thing');
            await new Promise((resolve) => setImmediate(resolve));
            await executor.execute('INSERT INTO thing (id) VALUES (?)', [rows[0]?.['number'] ?? null]);
          });
        await Promise.all(
          Array.from({ length: 20 }, async (_, index) => await add(index % 2 === 0 ? database : other)),
        );
        expect(await ids()).toEqual(Array.from({ length: 20 }, (_, index) => index));
        await close(other);
      });
    }
  });
}
