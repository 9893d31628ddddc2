// What people read to each other to find that they have the same key. Five words are 40 bits: enough to
// notice a wrong link. Whoever would put another key into one, made to have the same words, has read the key that was there.

const words =
  'acorn actor album alley almond amber angle ankle anvil apple apron arch arrow atlas attic autumn award axle badge bagel bamboo banjo barley barn basil basket beach beacon bell bench berry birch blanket blossom board bottle bowl branch bread brick bridge broom bucket buffalo bugle butter button cabin cable cactus camel candle canoe canvas canyon carpet carrot castle cedar cello chalk cherry chess chimney circus clay cliff clock clover coast cobra coffee comet compass copper coral cotton crane crayon cricket crown crystal cube dahlia daisy delta desert diamond dinner dolphin donkey dragon drum eagle earth echo elbow elm ember engine fabric falcon feather fence fern ferry fiddle field finch flame flute fog forest fossil fountain fox garden garlic gate ginger glacier globe goat gold goose grape gravel guitar hammer harbour harp hazel hedge helmet heron hill honey horizon horse hotel ice igloo iris island ivory ivy jacket jade jaguar jasmine jelly jewel jungle kettle kitchen kite ladder lake lamp lantern lemon letter lily lime lion lobster locket lotus magnet maple marble market meadow melon mirror mitten moon mosaic moss motor mountain museum mushroom napkin needle nest nickel north novel nutmeg oasis ocean olive onion opal orange orbit orchid otter oven owl paddle palace panda panther paper parrot peach peanut pearl pebble pencil pepper piano pigeon pillow pilot pine planet pocket pond poppy potato pumpkin puzzle quartz quilt rabbit radio raven ribbon river robin rocket rose saddle saffron salmon sand satin sailor scarf silver snow spoon spruce squirrel tiger tulip turtle velvet violin walnut window winter zebra'.split(
    ' ',
  );

const wordCount = 5;

/** The same for everybody with the key, and nothing of it can be found from them. */
export async function checkWordsOf(key: Uint8Array<ArrayBuffer>): Promise<readonly string[]> {
  const label = new TextEncoder().encode('parley check words 1');
  const digest = await crypto.subtle.digest('SHA-256', new Uint8Array([...label, ...key]));
  return Array.from(new Uint8Array(digest, 0, wordCount), (byte) => words[byte] ?? '');
}
