/**
 * @file Arrays on an accelerator. They are freed when JavaScript has collected them; it does so late, since it does not
 * see their size, and never within a stretch of synchronous code, so what lies there is bounded as well.
 */
import type { TypedArray } from '../array/dtype.ts';
import type { DeviceData } from '../array/ndarray.ts';
import type { Turns } from './turns.ts';

/** A tensor on the device. */
export interface DeviceTensor {
  dispose(): void;
}

export interface DeviceArray<T> extends DeviceData {
  /** Valid until the turn ends; undefined once the array had to leave the device. */
  tensor(): T | undefined;
  /** Its data, once it has left the device. */
  onHost?: TypedArray;
}

export interface DeviceMemory<T> {
  keep(tensor: T, bytes: number): DeviceArray<T>;
  /** Whether this memory made the array. */
  owns(data: DeviceData | undefined): data is DeviceArray<T>;
  /** Moves the arrays that have been there for longest to the host until the rest fits. */
  fit(): Promise<void>;
  /** Bytes of all arrays there. */
  used(): number;
}

/**
 * @param copy fetches the data of a tensor, within a turn
 * @param limit bytes
 */
export function deviceMemory<T extends DeviceTensor>(
  copy: (tensor: T) => Promise<TypedArray>,
  turns: Turns,
  limit: number,
): DeviceMemory<T> {
  interface Resident {
    readonly tensor: T;
    readonly bytes: number;
  }
  // From the oldest to the newest. Nothing in it refers to the arrays themselves, so they can be collected.
  const residents = new Map<Resident, WeakRef<DeviceArray<T>>>();
  const made = new WeakSet<DeviceData>();
  let used = 0;
  const free = async (resident: Resident) => {
    if (!residents.delete(resident)) return;
    used -= resident.bytes;
    resident.tensor.dispose();
  };
  const collected = new FinalizationRegistry<Resident>((resident) => void turns(() => free(resident)));
  return {
    keep(tensor, bytes) {
      const resident: Resident = { tensor, bytes };
      const array: DeviceArray<T> = {
        tensor: () => (array.onHost === undefined ? tensor : undefined),
        read: () => turns(async () => array.onHost ?? copy(tensor)),
      };
      made.add(array);
      residents.set(resident, new WeakRef(array));
      collected.register(array, resident);
      used += bytes;
      return array;
    },
    owns: (data): data is DeviceArray<T> => data !== undefined && made.has(data),
    async fit() {
      for (const [resident, reference] of residents) {
        if (used <= limit) return;
        await turns(async () => {
          const array = reference.deref();
          if (array !== undefined && residents.has(resident)) array.onHost = await copy(resident.tensor);
          await free(resident);
        });
      }
    },
    used: () => used,
  };
}
