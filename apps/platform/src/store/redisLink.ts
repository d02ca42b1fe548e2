/** The connection of one node to Redis or Valkey, and the functions that this release keeps there. */
import { createClient, ErrorReply } from 'redis';
import { RequestRefusedError } from '../errors.ts';
import { type FunctionName, functionLibrary, functionName } from './redisFunctions.ts';

/** Commands of this node, without the types of modules. */
export type RedisClient = ReturnType<typeof createRedisClient>;

export interface RedisLink {
  readonly client: RedisClient;
  /** Of every key; in braces, because all keys of a platform belong into one slot of a cluster. */
  readonly prefix: string;
  /**
   * Runs one of the functions.
   * @throws RequestRefusedError 503 when Redis cannot be reached or refuses; whether it has run is then not known
   */
  call(name: FunctionName, args: readonly string[]): Promise<unknown>;
  /** Whether Redis says that what it has answered is on its disk; true where it does not tell. */
  isDurable(): Promise<boolean>;
  /** A connection of its own, for what blocks or listens. */
  another(): Promise<RedisClient>;
  close(): Promise<void>;
}

const longestReconnectMs = 500;

function createRedisClient(url: string, onError: (error: Error) => void) {
  const client = createClient({
    url,
    // A command that was sent is never sent again, and one that cannot be sent fails at once: its request is repeated by its client.
    disableOfflineQueue: true,
    socket: { connectTimeout: 5_000, reconnectStrategy: (tries) => Math.min(50 * (tries + 1), longestReconnectMs) },
  });
  client.on('error', onError);
  return client;
}

/**
 * Connects, however long that takes, and brings the functions along.
 * @param name of the platform; several may share one Redis
 * @param onError is told of every loss of a connection, which is then tried again
 * @throws when it is older than 7; while it cannot be reached, this waits
 */
export async function connectRedis(url: string, name: string, onError: (error: Error) => void): Promise<RedisLink> {
  const prefix = `{${name}}:`;
  const opened: RedisClient[] = [];
  const another = async (): Promise<RedisClient> => {
    const client = createRedisClient(url, onError);
    opened.push(client);
    await client.connect();
    return client;
  };
  const client = await another();
  const load = () => client.sendCommand(['FUNCTION', 'LOAD', 'REPLACE', functionLibrary]);
  const send = (name: FunctionName, args: readonly string[]) =>
    client.sendCommand(['FCALL', functionName(name), '1', prefix, ...args]);
  await load();
  return {
    client,
    prefix,
    another,
    call: async (name, args) => {
      try {
        return await send(name, args).catch(async (error: unknown) => {
          // Redis was emptied, or came back without its files.
          if (!(error instanceof ErrorReply) || !error.message.includes('Function not found')) throw error;
          await load();
          return send(name, args);
        });
      } catch (error) {
        throw new RequestRefusedError(503, { headers: { 'Retry-After': '1' } }, error);
      }
    },
    isDurable: async () => {
      try {
        const { appendonly, appendfsync } = await client.configGet(['appendonly', 'appendfsync']);
        return appendonly === 'yes' && appendfsync === 'always';
      } catch {
        return true;
      }
    },
    close: async () => {
      // What was sent last is still answered.
      if (client.isReady) await client.close();
      for (const one of opened) if (one.isOpen) one.destroy();
    },
  };
}
