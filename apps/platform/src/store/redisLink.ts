/** The connection of one node to Redis or Valkey, and the functions that this release keeps there. */
import { createClient, ErrorReply } from 'redis';
import { RequestRefusedError, StoreAwayError } from '../errors.ts';
import { type FunctionName, functionLibrary, functionName } from './redisFunctions.ts';

/** Commands of this node, without the types of modules. */
export type RedisClient = ReturnType<typeof createRedisClient>;

export interface RedisLink {
  readonly client: RedisClient;
  /** Of every key; in braces, because all keys of a platform belong into one slot of a cluster. */
  readonly prefix: string;
  /**
   * Runs one of the functions.
   * @throws StoreAwayError when Redis cannot be reached or refuses everything; whether it has run is then not known
   * @throws RequestRefusedError 503 when it refuses this
   */
  call(name: FunctionName, args: readonly string[]): Promise<unknown>;
  /** Runs one command. @throws as `call` */
  send(args: readonly string[]): Promise<unknown>;
  /** What in the settings of Redis may lose what was answered, for people to read; nothing where it does not tell. */
  doubts(): Promise<string[]>;
  /** A connection of its own, for what blocks or listens. @param blockMs for how long it blocks at most */
  another(blockMs?: number): Promise<RedisClient>;
  close(): Promise<void>;
}

const longestReconnectMs = 500;
const pingEveryMs = 1_000;
/** A connection on which nothing was answered for so long is given up: a frozen machine or a cut network says nothing at all. */
const patienceMs = 4_000;
/** For the last answers before the end. */
const closeWithinMs = 2_000;

function createRedisClient(url: string) {
  return createClient({
    url,
    // A command that was sent is never sent again, and one that cannot be sent fails at once: its request is repeated by its client.
    disableOfflineQueue: true,
    socket: {
      connectTimeout: 5_000,
      // While it connects; after that there are pings.
      socketTimeout: 2 * patienceMs,
      reconnectStrategy: (tries) => Math.min(50 * (tries + 1), longestReconnectMs),
    },
  });
}

/**
 * Gives up a connection whose pings are not answered, and connects again. The timeout of the socket alone does not do that: it begins
 * again with everything that is sent. Counted in pings, so that a pause of this process is not taken for one of Redis.
 * @returns stops
 */
function watchAnswers(client: RedisClient, blockMs: number, onSilence: (error: Error) => void): () => void {
  let isWaiting = false;
  let missed = 0;
  const answered = (): void => {
    isWaiting = false;
    missed = 0;
  };
  const look = (): void => {
    if (!client.isReady) return;
    if (!isWaiting) {
      isWaiting = true;
      // How a ping ends does not matter, only that it does.
      client.sendCommand(['PING']).then(answered, answered);
      return;
    }
    missed += 1;
    if (missed * pingEveryMs < patienceMs + blockMs) return;
    onSilence(new Error('Redis does not answer'));
    client.destroy();
    // It tries until it is closed, and tells of each try as of any lost connection.
    client.connect().catch(() => undefined);
  };
  const timer = setInterval(look, pingEveryMs);
  timer.unref();
  return () => clearInterval(timer);
}

/** What Redis says to everything: it starts, is a replica, is full, cannot write. Other errors are about one command. */
const isRefusingAll = (error: unknown): boolean => error instanceof ErrorReply && !error.message.startsWith('ERR ');

/**
 * Connects, however long that takes, and brings the functions along.
 * @param name of the platform; several may share one Redis
 * @param onChange is told once that Redis is away, with the first error, and once that it is there again. It connects by itself
 * @throws when it is older than 7; while it cannot be reached, this waits
 */
export async function connectRedis(
  url: string,
  name: string,
  onChange: (lost: Error | undefined) => void,
): Promise<RedisLink> {
  const prefix = `{${name}}:`;
  const opened: { readonly client: RedisClient; readonly unwatch: () => void }[] = [];
  /** Connections that are lost, and `refusing` while Redis refuses everything. */
  const away = new Set<unknown>();
  const lost = (who: unknown, error: Error): void => {
    if (away.size === 0) onChange(error);
    away.add(who);
  };
  const back = (who: unknown): void => {
    if (away.delete(who) && away.size === 0) onChange(undefined);
  };
  let isClosed = false;
  const another = async (blockMs = 0): Promise<RedisClient> => {
    const client = createRedisClient(url);
    client.on('error', (error: Error) => lost(client, error));
    client.on('ready', () => back(client));
    // One that is being made while it is closed would be left over.
    client.on('connect', () => {
      if (isClosed) client.destroy();
    });
    const unwatch = watchAnswers(client, blockMs, (error) => lost(client, error));
    opened.push({ client, unwatch });
    await client.connect();
    return client;
  };
  const client = await another();
  const load = () => client.sendCommand(['FUNCTION', 'LOAD', 'REPLACE', functionLibrary]);
  const run = (name: FunctionName, args: readonly string[]) =>
    client.sendCommand(['FCALL', functionName(name), '1', prefix, ...args]);
  const explained = async <T>(command: () => Promise<T>): Promise<T> => {
    try {
      return await command();
    } catch (error) {
      if (error instanceof ErrorReply && !isRefusingAll(error))
        throw new RequestRefusedError(503, { headers: { 'Retry-After': '1' } }, error);
      throw new StoreAwayError(error);
    }
  };
  await load();
  return {
    client,
    prefix,
    another,
    call: (name, args) =>
      explained(async () => {
        try {
          const answer = await run(name, args).catch(async (error: unknown) => {
            // Redis was emptied, or came back without its files.
            if (!(error instanceof ErrorReply) || !error.message.includes('Function not found')) throw error;
            await load();
            return run(name, args);
          });
          back('refusing');
          return answer;
        } catch (error) {
          // Only here: Redis that is full still answers reads.
          if (isRefusingAll(error)) lost('refusing', error as Error);
          throw error;
        }
      }),
    send: (args) => explained(() => client.sendCommand([...args])),
    doubts: async () => {
      try {
        return doubtsOf(await client.configGet(['appendonly', 'appendfsync', 'maxmemory-policy']));
      } catch {
        return [];
      }
    },
    close: async () => {
      isClosed = true;
      for (const { unwatch } of opened) unwatch();
      // What was sent last is still answered, when Redis answers at all.
      if (client.isReady) await Promise.race([client.close(), inMs(closeWithinMs)]);
      for (const one of opened) one.client.destroy();
    },
  };
}

function doubtsOf(settings: Readonly<Record<string, string>>): string[] {
  const doubts: string[] = [];
  if (settings.appendonly !== 'yes' || settings.appendfsync !== 'always')
    doubts.push(
      'redis does not sync every commit (appendonly yes, appendfsync always): a crash of it may lose what was answered',
    );
  if (settings['maxmemory-policy'] !== 'noeviction')
    doubts.push('redis may drop what it holds when its memory is full (maxmemory-policy is not noeviction)');
  return doubts;
}

function inMs(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms).unref();
  });
}
