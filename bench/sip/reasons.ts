/** Why a goal is missed, by its name. */
export const reasons: Readonly<Record<string, string>> = {
  cost: 'Of such a call drachtio-srf and the collection of garbage are a good third (see the shares below); on cores that others use as well, the same work takes up to twice the time, which Kamailio’s figure shows too.',
  overload:
    'With no 503 at all, sipp had too little of its core to offer more than the limit; what is broken was sent again until sipp gave up.',
};
