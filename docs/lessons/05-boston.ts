/**
 * Lesson 5: houses by a network. A curve of one feature, a network of twelve, and a surface over two of them.
 *
 * @since 0.1.0
 */
import { sequenceS } from 'fp-ts/lib/Apply.js'
import * as E from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import { type Failure, sigmoid, tensor } from 'wengert'
import {
  bostonColumn,
  bostonColumns,
  bostonFeatures,
  bostonPrices,
  type Standard,
  split,
  standardise,
  standardOf,
} from 'wengert/data'
import { linear, metrics, sequential } from 'wengert/nn'
import { key } from 'wengert/Random'
import { type Field, type LineChart, lineChartSvg, type Series, surfaceSvg } from 'wengert/show'
import {
  code,
  count,
  type Found,
  figure,
  inParts,
  type Lesson,
  type LessonOptions,
  note,
  type Quote,
  row,
  section,
  type Told,
  table,
  text,
} from './lesson.js'
import { errorOf, learned, type Prices, pricesBy, type Rows, slopesBy, type Way } from './parts/regressor.js'

const ofOne: Way = { batchSize: 1, epochs: 1000, rate: 1e-3 }

const ofTwelve: Way = { batchSize: 16, epochs: 5000, rate: 1e-2 }

const ofTwo: Way = { batchSize: 16, epochs: 1000, rate: 1e-2 }

/** The same ways, shorter. */
const SHORT = { one: 30, twelve: 400, two: 150 }

const curve = sequential(linear(1, 1), sigmoid, linear(1, 1))

const twelve = sequential(linear(12, 10), sigmoid, linear(10, 1))

const two = sequential(linear(2, 4), sigmoid, linear(4, 1))

const mean = (xs: ReadonlyArray<number>): number => xs.reduce((a, b) => a + b, 0) / xs.length

/** The least error of a line through rooms and prices. */
const lineError = (x: ReadonlyArray<number>, y: ReadonlyArray<number>): number => {
  const [mx, my] = [mean(x), mean(y)]
  const slope = mean(x.map((xi, i) => (xi - mx) * (y[i] - my))) / mean(x.map((xi) => (xi - mx) ** 2))
  return mean(x.map((xi, i) => (y[i] - my - slope * (xi - mx)) ** 2))
}

/** Columns side by side, as `[n, columns]`. */
const sideBySide = <const C extends ReadonlyArray<ReadonlyArray<number>>>(...columns: C): Rows<C['length']> =>
  tensor(columns[0].map((_, i) => columns.map((column) => column[i]))) as never

/** `n` numbers from `low` to `high`. */
const steps = (low: number, high: number, n: number): ReadonlyArray<number> =>
  Array.from({ length: n }, (_, i) => low + ((high - low) * i) / (n - 1))

const ROOMS = [4, 8.5] as const
const STATUS = [2, 35] as const
const SIDE = 41

const scaled = <F extends number>(standard: Standard, x: Rows<F>): E.Either<Failure, Rows<F>> =>
  standardise(standard)(x)

/** A curve through rooms and prices. */
const curveFound = ({ full, seed }: LessonOptions, progress: (fraction: number) => void) => {
  const rooms = Array.from(bostonColumn('RM').data)
  const target: Prices = bostonPrices()
  const input = sideBySide(rooms)
  const asked = sideBySide([...steps(3.5, 8.8, 107), 7])
  return pipe(
    standardOf(input),
    E.bindTo('standard'),
    E.bind('input', ({ standard }) => scaled(standard, input)),
    E.bind('asked', ({ standard }) => scaled(standard, asked)),
    E.bind('run', (at) =>
      learned(curve, { input: at.input, target }, full ? ofOne : { ...ofOne, epochs: SHORT.one }, seed, progress),
    ),
    E.bind('error', (at) => errorOf(curve, { input: at.input, target })(at.run.parameters)),
    E.bind('prices', (at) => pricesBy(curve, at.run.parameters)(at.asked)),
    E.bind('curves', (at) =>
      E.traverseArray((p: typeof at.run.parameters) => pricesBy(curve, p)(at.asked))(at.run.last),
    ),
    E.bind('fits', (at) => E.traverseArray((p: typeof at.run.parameters) => pricesBy(curve, p)(at.input))(at.run.last)),
    E.map(({ run: { losses }, error, prices, curves, fits }) => {
      const overCurves = (all: ReadonlyArray<ReadonlyArray<number>>): ReadonlyArray<number> =>
        all[0].map((_, i) => mean(all.map((one) => one[i])))
      const averaged = overCurves(curves)
      const y = Array.from(target.data)
      const fit = overCurves(fits)
      return {
        rooms,
        y,
        losses,
        at: Array.from(asked.data),
        prices,
        averaged,
        error,
        averagedError: mean(fit.map((price, i) => (price - y[i]) ** 2)),
        seven: prices[prices.length - 1],
        averagedSeven: averaged[averaged.length - 1],
        spread: Math.max(...curves.map((one) => Math.abs(one[one.length - 1] - averaged[averaged.length - 1]))),
        line: lineError(rooms, y),
      }
    }),
  )
}

/** Tracts to learn from, where some are held back. */
const KEPT = 406

/** A network of all features, of all tracts and of some. */
const allFound = ({ full, seed }: LessonOptions, progress: (fraction: number) => void) => {
  const target: Prices = bostonPrices()
  const way = full ? ofTwelve : { ...ofTwelve, epochs: SHORT.twelve }
  return pipe(
    standardOf(bostonFeatures()),
    E.chain((standard) => scaled<12>(standard, bostonFeatures())),
    E.bindTo('input'),
    E.bind('run', ({ input }) => learned(twelve, { input, target }, way, seed, (f) => progress(f / 2))),
    E.bind('error', ({ input, run: { parameters } }) => errorOf(twelve, { input, target })(parameters)),
    E.bind('prices', ({ input, run: { parameters } }) => pricesBy(twelve, parameters)(input)),
    E.bind('rSquared', ({ prices }) => metrics.rSquared(prices, target)),
    E.bind('x', ({ input }) => split(key(seed), KEPT)(input)),
    E.bind('y', () => split(key(seed), KEPT)(target)),
    E.bind('partial', ({ x, y }) =>
      learned(twelve, { input: x.train, target: y.train }, way, seed, (f) => progress((1 + f) / 2), {
        input: x.test,
        target: y.test,
      }),
    ),
    E.map(({ run: { losses }, error, prices, rSquared, partial }) => ({
      losses,
      error,
      prices,
      rSquared,
      partial,
      y: Array.from(target.data),
    })),
  )
}

/** A surface over rooms and status. */
const surfaceFound = ({ full, seed }: LessonOptions, progress: (fraction: number) => void) => {
  const target: Prices = bostonPrices()
  const features = sideBySide(Array.from(bostonColumn('RM').data), Array.from(bostonColumn('LSTAT').data))
  const grid = steps(...STATUS, SIDE).flatMap((status) =>
    steps(...ROOMS, SIDE).map((rooms) => [rooms, status] as const),
  )
  const asked = sideBySide(
    grid.map(([rooms]) => rooms),
    grid.map(([, status]) => status),
  )
  return pipe(
    standardOf(features),
    E.bindTo('standard'),
    E.bind('input', ({ standard }) => scaled(standard, features)),
    E.bind('asked', ({ standard }) => scaled(standard, asked)),
    E.bind('run', (at) =>
      learned(two, { input: at.input, target }, full ? ofTwo : { ...ofTwo, epochs: SHORT.two }, seed, progress),
    ),
    E.bind('error', (at) => errorOf(two, { input: at.input, target })(at.run.parameters)),
    E.bind('prices', (at) => pricesBy(two, at.run.parameters)(at.asked)),
    E.bind('slopes', (at) => slopesBy(two, at.run.parameters)(at.input)),
    E.map(({ standard: { std }, error, prices, slopes }) => {
      const slope = (feature: 0 | 1): ReadonlyArray<number> =>
        Array.from({ length: slopes.shape[0] }, (_, i) => slopes.data[2 * i + feature] / std[feature])
      const field: Field = {
        x: ROOMS,
        y: STATUS,
        values: Array.from({ length: SIDE }, (_, i) => prices.slice(i * SIDE, (i + 1) * SIDE)),
      }
      return { error, field, byRooms: slope(0), byStatus: slope(1) }
    }),
  )
}

const computed = (options: LessonOptions) => {
  const part = (from: number, to: number, what: string) => (fraction: number) =>
    options.progress(from + (to - from) * fraction, what)
  return pipe(
    E.Do,
    E.bind('one', () => curveFound(options, part(0, 0.3, 'a curve of rooms'))),
    E.bind('all', () => allFound(options, part(0.3, 0.9, 'twelve features'))),
    E.bind('surface', () => surfaceFound(options, part(0.9, 1, 'two features'))),
  )
}

type Computed = Found<typeof computed>

const HALF = { width: 440, height: 360 }

/** Rows of a field at some heights, as lines over its columns; or columns, as lines over its rows. */
const slices = ({ field }: Computed['surface'], along: 'rooms' | 'status'): ReadonlyArray<Series> =>
  along === 'rooms'
    ? [4, 12, 24].map((i) => ({
        name: `${steps(...STATUS, SIDE)[i].toFixed(1)} %`,
        points: field.values[i].map((price, j) => [steps(...ROOMS, SIDE)[j], price] as const),
      }))
    : [12, 20, 32].map((j) => ({
        name: `${steps(...ROOMS, SIDE)[j].toFixed(1)} rooms`,
        points: field.values.map((values, i) => [steps(...STATUS, SIDE)[i], values[j]] as const),
      }))

const losses = ({ all }: Computed): LineChart => ({
  title: 'Twelve features: learnt, and not learnt',
  xLabel: 'epochs',
  yLabel: 'mean squared error',
  logarithmic: true,
  logarithmicX: true,
  series: [
    { name: 'learnt from, all', points: all.losses },
    { name: `learnt from, ${KEPT}`, points: all.partial.losses },
    { name: 'held back', points: all.partial.tested },
  ],
})

const drawn = (found: Computed) => {
  const { one, all, surface } = found
  const curvePoints = (prices: ReadonlyArray<number>) => one.at.slice(0, -1).map((x, i) => [x, prices[i]] as const)
  return sequenceS(TE.ApplyPar)({
    curve: lineChartSvg({
      title: 'A curve through houses',
      xLabel: 'rooms per house',
      yLabel: 'price in $1000',
      series: [
        { name: 'neighbourhoods', as: 'points', points: one.rooms.map((x, i) => [x, one.y[i]] as const) },
        { name: 'last step', points: curvePoints(one.prices) },
        { name: 'mean of the last epochs', points: curvePoints(one.averaged) },
      ],
    }),
    curveLoss: lineChartSvg(
      {
        title: 'The loss of the curve',
        xLabel: 'epochs',
        yLabel: 'mean squared error',
        logarithmic: true,
        logarithmicX: true,
        series: [
          { name: 'curve', points: one.losses },
          {
            name: 'best line',
            points: [
              [1, one.line],
              [one.losses.length, one.line],
            ],
          },
        ],
      },
      { height: 320 },
    ),
    allLoss: lineChartSvg(losses(found)),
    all: lineChartSvg({
      title: 'What the network says, and what was paid',
      xLabel: 'price paid in $1000',
      yLabel: 'price by the network',
      series: [
        { name: 'neighbourhoods', as: 'points', points: all.y.map((y, i) => [y, all.prices[i]] as const) },
        {
          name: 'equal',
          points: [
            [5, 5],
            [50, 50],
          ],
        },
      ],
    }),
    surface: surfaceSvg(
      {
        title: 'Price over rooms and status',
        xLabel: 'rooms',
        yLabel: 'lower status, %',
        zLabel: 'price in $1000',
        field: surface.field,
      },
      { width: 640 },
    ),
    byRooms: lineChartSvg(
      {
        title: 'Price over rooms, by lower status',
        xLabel: 'rooms per house',
        yLabel: 'price in $1000',
        series: slices(surface, 'rooms'),
      },
      HALF,
    ),
    byStatus: lineChartSvg(
      {
        title: 'Price over lower status, by rooms',
        xLabel: 'population of lower status, %',
        yLabel: 'price in $1000',
        series: slices(surface, 'status'),
      },
      HALF,
    ),
  })
}

const share = (xs: ReadonlyArray<number>, holds: (x: number) => boolean): number => xs.filter(holds).length / xs.length

const changed = (name: string, slopes: ReadonlyArray<number>): ReadonlyArray<string> => [
  name,
  `$${mean(slopes).toFixed(2)} thousand`,
  `${(100 * share(slopes, (s) => s > 0)).toFixed(1)} %`,
  `${(100 * share(slopes, (s) => s < 0)).toFixed(1)} %`,
]

const told = (found: Computed, figures: Told['figures'], quote: Quote): Told => {
  const { one, all, surface } = found
  const least = all.partial.tested.reduce((a, b) => (b[1] < a[1] ? b : a))
  const end = all.partial.tested[all.partial.tested.length - 1]
  const partialError = all.partial.losses[all.partial.losses.length - 1][1]
  const isLarge = (i: number): boolean => one.rooms[i] > mean(one.rooms)
  const large = surface.byRooms.filter((_, i) => isLarge(i))
  const small = surface.byRooms.filter((_, i) => !isLarge(i))
  const numbers = {
    line: one.line,
    error: one.error,
    averagedError: one.averagedError,
    seven: one.seven,
    averagedSeven: one.averagedSeven,
    spread: one.spread,
    allError: all.error,
    rSquared: all.rSquared,
    heldLeast: least[1],
    heldLeastAt: least[0],
    heldEnd: end[1],
    surfaceError: surface.error,
    roomLarge: mean(large),
    roomSmall: mean(small),
    percent: mean(surface.byStatus),
    risingLarge: share(large, (s) => s > 0),
    risingSmall: share(small, (s) => s > 0),
    falling: share(surface.byStatus, (s) => s < 0),
  }
  return {
    numbers,
    figures,
    chart: losses(found),
    page: {
      title: 'Lesson 5: Boston by a network',
      lead: 'From a line to a curve, from one feature to twelve, and a look at what was learnt.',
      sections: [
        section(
          'A line that can bend',
          text(
            `The best line through rooms and prices has a mean squared error of ${one.line.toFixed(4)}, and no search can find a better one: a line is a line. A sigmoid between two of them can bend.`,
          ),
          quote('curve', 'ofOne'),
          text(
            `Four numbers are learnt, from one house at a time: for each of ${count(one.rooms.length)} houses of an epoch, in a new order each time, a step against the gradient of that house alone. Rooms are first measured from their mean and in their standard deviation, for the reason that lesson 1 found.`,
          ),
          figure(figures.curveLoss, 'Each epoch is a step for every house.'),
          text(
            `After ${count(one.losses.length)} epochs the error is ${one.error.toFixed(2)}, below that of the line, and a house of seven rooms costs $${one.seven.toFixed(1)} thousand. One house pulls this way and the next one that way, so the weights never come to rest: in the last tenth of the epochs that price wanders by up to ${one.spread.toFixed(1)}. The mean over these epochs is steadier. It says ${one.averagedSeven.toFixed(1)}, with an error of ${one.averagedError.toFixed(2)}.`,
          ),
          figure(figures.curve, 'Up to six rooms hardly matter; beyond that each one is dear.'),
        ),
        section(
          'Twelve features',
          text(
            'The census has more to tell than rooms. A feature is a column; all of them are standardised, so that none shouts:',
          ),
          code(bostonColumns.join(', ')),
          text(
            'The original has a thirteenth, B, made of the proportion of Black residents by a formula that supposes segregation to raise prices. The formula cannot be undone, and what it supposes has no place in a lesson; so it is left out of the data that come along, and of everything here. This is history to practise on, and no way to value homes.',
          ),
          quote('twelve', 'ofTwelve'),
          text(
            `In batches of ${ofTwelve.batchSize} a step is a matrix product and no longer a nervous one. After ${count(all.losses.length)} epochs the mean squared error over all houses is **${all.error.toFixed(2)}**: ${(100 * all.rSquared).toFixed(1)} % of the variance of prices is accounted for.`,
          ),
          figure(figures.all, 'Prices were cut off at 50, which shows on the right.'),
          note(
            'bad',
            `That is the error on houses it has learnt. Hold ${one.rooms.length - KEPT} houses back, and of these the error is ${end[1].toFixed(1)} in the end, where that of the learnt ones is ${partialError.toFixed(1)}. It was least, ${least[1].toFixed(1)}, after ${count(least[0])} epochs: beyond that the network learns its houses by heart.`,
          ),
          figure(
            figures.allLoss,
            'Early stopping, which `fit` has as an option, ends a run near the lowest point of the third curve.',
          ),
        ),
        section(
          'What it thinks of two of them',
          text(
            `Nobody can look at a function of twelve features. Of two one can: rooms, and the part of the population that the census called of lower status. With four hidden units the error is ${surface.error.toFixed(2)}.`,
          ),
          quote('two', 'ofTwo'),
          figure(figures.surface, 'In the page this turns when it is dragged.'),
          row(
            figure(figures.byRooms, 'With rooms the price rises, from about six on.'),
            figure(figures.byStatus, 'With lower status it falls.'),
          ),
          text(
            'A picture shows some slices. The gradient says it for every house there is: how much its price changes with each of its features.',
          ),
          quote('slopesBy'),
          table(
            ['one more', 'changes the price by, on average', 'upwards for', 'downwards for'],
            [
              changed(`room, above the mean of ${mean(one.rooms).toFixed(2)}`, large),
              changed('room, below it', small),
              changed('percent of lower status', surface.byStatus),
            ],
          ),
          text(
            'In a large house another room is worth much. In a small one it hardly counts: what the curve of one feature has found already, bent at the same place.',
          ),
        ),
      ],
      footer: 'Data: D. Harrison and D. L. Rubinfeld, 1978, by way of StatLib.',
    },
  }
}

/**
 * @category lessons
 * @since 0.1.0
 */
export const lesson: Lesson = {
  number: 5,
  name: 'boston',
  title: 'Boston by a network',
  run: inParts({
    sources: [import.meta.url, new URL('./parts/regressor.ts', import.meta.url).href],
    computed: (options) => TE.fromIOEither(() => computed(options)),
    drawn,
    told,
  }),
}
