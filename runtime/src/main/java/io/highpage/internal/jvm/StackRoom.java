// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.jvm;

/**
 * Looks for room on the calling thread's stack before anything is owned, so that a
 * {@link StackOverflowError} comes there and not between two steps that belong together, nor in
 * what puts things back, which needs stack too.
 *
 * <p>The JVM looks for room when a method is entered: for as much as its frame takes when it is
 * interpreted, also when it is compiled and takes less, since compiled code may have to go back to
 * the interpreter at any time.
 */
public final class StackRoom {
    // Not final: the compilers must not know how often the methods below call themselves.
    private static int callsShort = 1;
    private static int callsLong = 1;

    private StackRoom() {}

    /**
     * Looks for 8 KiB, three times what counting pages that are in place and putting them back
     * takes in the interpreter. Costs about a nanosecond in compiled code.
     *
     * @throws StackOverflowError if there is less
     */
    public static void check() {
        frame(callsShort);
    }

    /**
     * Looks for 24 KiB: for what moves pages, or calls drivers or the kernel. Costs little more
     * than {@link #check}.
     *
     * @throws StackOverflowError if there is less
     */
    public static void checkLong() {
        longFrame(callsLong);
    }

    // spotless:off
    /** Its frame has 4 KiB of variables in the interpreter. */
    @SuppressWarnings("unused")
    private static void frame(int calls) {
        long a0, a1, a2, a3, a4, a5, a6, a7, a8, a9, b0, b1, b2, b3, b4, b5, b6, b7, b8, b9, c0, c1,
                c2, c3, c4, c5, c6, c7, c8, c9, d0, d1, d2, d3, d4, d5, d6, d7, d8, d9, e0, e1, e2,
                e3, e4, e5, e6, e7, e8, e9, f0, f1, f2, f3, f4, f5, f6, f7, f8, f9, g0, g1, g2, g3,
                g4, g5, g6, g7, g8, g9, h0, h1, h2, h3, h4, h5, h6, h7, h8, h9, i0, i1, i2, i3, i4,
                i5, i6, i7, i8, i9, j0, j1, j2, j3, j4, j5, j6, j7, j8, j9, k0, k1, k2, k3, k4, k5,
                k6, k7, k8, k9, l0, l1, l2, l3, l4, l5, l6, l7, l8, l9, m0, m1, m2, m3, m4, m5, m6,
                m7, m8, m9, n0, n1, n2, n3, n4, n5, n6, n7, n8, n9, o0, o1, o2, o3, o4, o5, o6, o7,
                o8, o9, p0, p1, p2, p3, p4, p5, p6, p7, p8, p9, q0, q1, q2, q3, q4, q5, q6, q7, q8,
                q9, r0, r1, r2, r3, r4, r5, r6, r7, r8, r9, s0, s1, s2, s3, s4, s5, s6, s7, s8, s9,
                t0, t1, t2, t3, t4, t5, t6, t7, t8, t9, u0, u1, u2, u3, u4, u5, u6, u7, u8, u9, v0,
                v1, v2, v3, v4, v5, v6, v7, v8, v9, w0, w1, w2, w3, w4, w5, w6, w7, w8, w9, x0, x1,
                x2, x3, x4, x5, x6, x7, x8, x9, y0, y1, y2, y3, y4, y5, y6, y7, y8, y9, z0, z1, z2,
                z3, z4, z5;
        if (calls > 0) {
            frame(calls - 1);
        }
    }

    /** Its frame has 12 KiB of variables in the interpreter. */
    @SuppressWarnings("unused")
    private static void longFrame(int calls) {
        long v0, v1, v2, v3, v4, v5, v6, v7, v8, v9, v10, v11, v12, v13, v14, v15, v16, v17, v18,
                v19, v20, v21, v22, v23, v24, v25, v26, v27, v28, v29, v30, v31, v32, v33, v34,
                v35, v36, v37, v38, v39, v40, v41, v42, v43, v44, v45, v46, v47, v48, v49, v50,
                v51, v52, v53, v54, v55, v56, v57, v58, v59, v60, v61, v62, v63, v64, v65, v66,
                v67, v68, v69, v70, v71, v72, v73, v74, v75, v76, v77, v78, v79, v80, v81, v82,
                v83, v84, v85, v86, v87, v88, v89, v90, v91, v92, v93, v94, v95, v96, v97, v98,
                v99, v100, v101, v102, v103, v104, v105, v106, v107, v108, v109, v110, v111, v112,
                v113, v114, v115, v116, v117, v118, v119, v120, v121, v122, v123, v124, v125, v126,
                v127, v128, v129, v130, v131, v132, v133, v134, v135, v136, v137, v138, v139, v140,
                v141, v142, v143, v144, v145, v146, v147, v148, v149, v150, v151, v152, v153, v154,
                v155, v156, v157, v158, v159, v160, v161, v162, v163, v164, v165, v166, v167, v168,
                v169, v170, v171, v172, v173, v174, v175, v176, v177, v178, v179, v180, v181, v182,
                v183, v184, v185, v186, v187, v188, v189, v190, v191, v192, v193, v194, v195, v196,
                v197, v198, v199, v200, v201, v202, v203, v204, v205, v206, v207, v208, v209, v210,
                v211, v212, v213, v214, v215, v216, v217, v218, v219, v220, v221, v222, v223, v224,
                v225, v226, v227, v228, v229, v230, v231, v232, v233, v234, v235, v236, v237, v238,
                v239, v240, v241, v242, v243, v244, v245, v246, v247, v248, v249, v250, v251, v252,
                v253, v254, v255, v256, v257, v258, v259, v260, v261, v262, v263, v264, v265, v266,
                v267, v268, v269, v270, v271, v272, v273, v274, v275, v276, v277, v278, v279, v280,
                v281, v282, v283, v284, v285, v286, v287, v288, v289, v290, v291, v292, v293, v294,
                v295, v296, v297, v298, v299, v300, v301, v302, v303, v304, v305, v306, v307, v308,
                v309, v310, v311, v312, v313, v314, v315, v316, v317, v318, v319, v320, v321, v322,
                v323, v324, v325, v326, v327, v328, v329, v330, v331, v332, v333, v334, v335, v336,
                v337, v338, v339, v340, v341, v342, v343, v344, v345, v346, v347, v348, v349, v350,
                v351, v352, v353, v354, v355, v356, v357, v358, v359, v360, v361, v362, v363, v364,
                v365, v366, v367, v368, v369, v370, v371, v372, v373, v374, v375, v376, v377, v378,
                v379, v380, v381, v382, v383, v384, v385, v386, v387, v388, v389, v390, v391, v392,
                v393, v394, v395, v396, v397, v398, v399, v400, v401, v402, v403, v404, v405, v406,
                v407, v408, v409, v410, v411, v412, v413, v414, v415, v416, v417, v418, v419, v420,
                v421, v422, v423, v424, v425, v426, v427, v428, v429, v430, v431, v432, v433, v434,
                v435, v436, v437, v438, v439, v440, v441, v442, v443, v444, v445, v446, v447, v448,
                v449, v450, v451, v452, v453, v454, v455, v456, v457, v458, v459, v460, v461, v462,
                v463, v464, v465, v466, v467, v468, v469, v470, v471, v472, v473, v474, v475, v476,
                v477, v478, v479, v480, v481, v482, v483, v484, v485, v486, v487, v488, v489, v490,
                v491, v492, v493, v494, v495, v496, v497, v498, v499, v500, v501, v502, v503, v504,
                v505, v506, v507, v508, v509, v510, v511, v512, v513, v514, v515, v516, v517, v518,
                v519, v520, v521, v522, v523, v524, v525, v526, v527, v528, v529, v530, v531, v532,
                v533, v534, v535, v536, v537, v538, v539, v540, v541, v542, v543, v544, v545, v546,
                v547, v548, v549, v550, v551, v552, v553, v554, v555, v556, v557, v558, v559, v560,
                v561, v562, v563, v564, v565, v566, v567, v568, v569, v570, v571, v572, v573, v574,
                v575, v576, v577, v578, v579, v580, v581, v582, v583, v584, v585, v586, v587, v588,
                v589, v590, v591, v592, v593, v594, v595, v596, v597, v598, v599, v600, v601, v602,
                v603, v604, v605, v606, v607, v608, v609, v610, v611, v612, v613, v614, v615, v616,
                v617, v618, v619, v620, v621, v622, v623, v624, v625, v626, v627, v628, v629, v630,
                v631, v632, v633, v634, v635, v636, v637, v638, v639, v640, v641, v642, v643, v644,
                v645, v646, v647, v648, v649, v650, v651, v652, v653, v654, v655, v656, v657, v658,
                v659, v660, v661, v662, v663, v664, v665, v666, v667, v668, v669, v670, v671, v672,
                v673, v674, v675, v676, v677, v678, v679, v680, v681, v682, v683, v684, v685, v686,
                v687, v688, v689, v690, v691, v692, v693, v694, v695, v696, v697, v698, v699, v700,
                v701, v702, v703, v704, v705, v706, v707, v708, v709, v710, v711, v712, v713, v714,
                v715, v716, v717, v718, v719, v720, v721, v722, v723, v724, v725, v726, v727, v728,
                v729, v730, v731, v732, v733, v734, v735, v736, v737, v738, v739, v740, v741, v742,
                v743, v744, v745, v746, v747, v748, v749, v750, v751, v752, v753, v754, v755, v756,
                v757, v758, v759, v760, v761, v762, v763, v764, v765, v766, v767;
        if (calls > 0) {
            longFrame(calls - 1);
        }
    }
    // spotless:on
}
