/** The label under which a batch tells what it sweeps over; lists show it as the batch's name. */
export const sweepLabel = 'sweep';
