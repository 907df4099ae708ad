// Made by "npm run build:common-passwords" from @zxcvbn-ts/language-common (MIT). Do not edit.
/** What the most common passwords are made of, 7460 stems in lower case. */
export const COMMON_PASSWORDS = `
0.0.0.000 0.0.000 000000 0000007 000001 000007 000111 007007 01011900 01011910 01011960 01011970 01011971 01011972 01011973 01011974 01011975 01011976 01011977 01011978 01011979
01011980 01011981 01011982 01011983 01011984 01011985 01011986 01011987 01011988 01011989 01011990 01011991 01011992 01011993 01011994 01011995 01011999 01012000 01012001 01012010
01012011 010180 010191 010203 01020304 01021985 01021987 01021988 01021989 01021990 01021992 01031983 01031984 01031985 01031986 01031988 01031989 010390 01041980 01041985 01041987
01041988 01041990 01041992 01051985 01051986 01051988 01051989 01051990 01061986 01061987 01061988 01061990 01071984 01071986 01071987 01081985 01081989 01081990 01081992 01091985
01091987 01091989 01091992 01101987 01121986 01121987 01121988 01121990 0192837465 02011975 02011976 02011977 02011979 02011980 02011981 02011982 02011983 02011984 02011985
02011986 02011987 02011988 02011989 02011990 02021971 02021973 02021976 02021978 02021979 02021980 02021981 02021982 02021983 02021984 02021985 02021986 02021987 02021988 02021989
02021990 02021991 02031973 02031974 02031975 02031977 02031978 02031979 02031980 02031981 02031982 02031983 02031984 02031985 02031986 02031987 02031988 02031989 02031990 02031991
02041972 02041973 02041974 02041975 02041976 02041977 02041978 02041979 02041980 02041981 02041982 02041983 02041984 02041985 02041986 02041987 02041988 02041989 02051970 02051972
02051973 02051975 02051976 02051977 02051978 02051979 02051980 02051981 02051982 02051983 02051984 02051985 02051986 02051987 02051988 02051989 02051990 02061971 02061972 02061974
02061976 02061977 02061978 02061979 02061980 02061981 02061982 02061983 02061984 02061985 02061986 02061987 02061988 02061989 02071971 02071975 02071976 02071977 02071978 02071979
02071980 02071981 02071982 02071983 02071984 02071985 02071986 02071987 02071988 02071989 02081973 02081974 02081976 02081977 02081979 02081980 02081981 02081982 02081983 02081984
02081985 02081986 02081987 02081988 02081989 02091971 02091973 02091975 02091976 02091977 02091980 02091981 02091982 02091983 02091984 02091985 02091986 02091987 02091988 02091989
02101973 02101976 02101977 02101978 02101979 02101980 02101981 02101983 02101984 02101985 02101986 02101987 02101988 02101989 03011987 03021986 03031986 03031988 03031990 03031992
03031993 03041980 03041983 03041986 03041987 03041991 03051986 03051987 03051988 03061987 03071986 03071987 03081989 03082006 03091983 03111987 04041983 04041985 04041986 04041987
04041988 04041990 04041991 04051985 04051988 04061984 04061986 04061987 04061991 04071986 04071988 04081987 04091986 04111988 05011987 05021987 05021988 05031987 05031990 05031991
05051985 05051987 05051989 05051990 05051991 05061986 05061990 05071984 05071988 05081988 05091988 05111986 05121990 06011988 06021986 06021987 06031983 06031992 06041987 06041988
06051986 06061981 06061985 06061986 06061987 06071983 06081987 07021991 07041987 07051987 07051990 07071977 07071982 07071984 07071985 07071987 07071988 07071989 07071990 07081986
07081987 07091982 07091988 07091990 07101984 07101987 08011986 08021990 08031985 08031986 08041986 08051987 08051989 08051990 08061987 08071987 08071988 08081986 08081988 08081990
08101986 08111984 08121986 08121987 09021988 09021989 09031988 09041986 09041987 09051945 09051986 09051987 09081985 09081988 09091986 09091988 09111987 100000 1000000 10011983
10011986 10011988 10011990 10011992 10021986 10021987 10031987 10031988 10031989 10031990 10031991 10031993 10041983 10041986 10041987 10041990 10041991 100500 10051987 10051988
10051990 10061984 10061985 10061986 10061987 10061989 10071985 10071986 10071987 10071988 10071990 10081983 10081985 10081987 10081989 10081990 10091984 10091986 10101980 10101985
10101986 10101988 10101989 10101990 10111986 10121985 10121986 10121987 102030 10203040 102938 10293847 1029384756 11011987 11011989 11011990 11011991 11021985 11031983 11031988
11041990 11041991 11051984 11051986 11051987 11051988 11051990 11061985 11061989 11061991 11071985 11071986 11071987 11071988 11071989 11081986 11081987 11081988 11081989 11081990
11091984 11091985 11091986 11091989 111000 11101986 111111 11111111 111111a 111111q 11111986 11111987 11112222 11121985 11121986 11121987 111222 111222333 111333 111555 111777
111qqq 112211 11221122 112233 11223344 1122334455 112358 11235813 1123581321 115599 12011985 12011987 12011989 12021984 12021985 12021988 12021991 12031985 12031987 12031988
12031990 12041986 12041988 12041990 12051985 12051986 12051987 12051988 12051989 12051990 12061986 12061987 12061988 120676 120689 12071984 12071987 12071988 12071989 12071990
12071991 12081983 12081984 12081985 12081987 12081988 12081990 12091988 12091991 12101984 12101985 12101988 12101989 12101990 12111985 12111990 12111991 12121982 12121985 12121986
12121987 12121988 12121989 12121990 12121991 12131213 121314 12131415 12211221 122333 123000 12301230 123098 123123 12312312 1231234 123123a 123123q 1232323q 123321 123321123
123321a 123321q 1234123 1234321 12344321 123450 1234509876 123451 123454321 123455 1234554321 123456 1234560 1234561 123456123 1234566 123456654321 1234567 12345678 123456789
1234567890 1234567890a 1234567890q 1234567891 12345678910 1234567899 123456789a 123456789d 123456789m 123456789q 123456789qwe 123456789s 123456789z 12345678a 12345678q 12345679
1234567a 1234567q 1234568 123456a 123456aa 123456as 123456k 123456l 123456m 123456q 123456qqq 123456qw 123456qwe 123456qwerty 123456r 123456ru 123456s 123456z 123457 123459 12345a
12345abc 12345q 12345qaz 12345qwe 12345qwer 12345qwert 12345qwerty 12345t 12345z 123465 12348765 1234abcd 1234asdf 1234qw 1234qwe 1234qwer 1234rewq 1234zxcv 123567 1235789 123654
12365478 123654789 1236987 12369874 123698745 123789 123789456 1237895 123890 123987 123aaa 123abc 123asd 123ewq 123qaz 123qq 123qw 123qwe 123qweasd 123qweasdzxc 123qwer 123qwert
123qwerty 123zxc 124578 128500 12qw 12qw12qw 12qw34er 12qwas 12qwaszx 13011987 13011988 13021985 13021987 13021990 13031986 13031987 13031989 13041987 13041988 13051987 13051990
13061985 13061986 13061987 13061991 13071984 13071985 13071987 13071989 13071990 13081985 13091984 13101982 13101987 13101988 13111984 13111990 13121983 13121985 131313 132435
13243546 132456 132465 134679 134679852 135246 135790 135791 1357911 135792468 1357924680 135798642 1366613 14011986 14011987 14011988 14011989 14021983 14021985 14021986 14021987
14021989 14021990 14031988 14031989 14041986 14041987 14041988 14041992 14051990 14061991 14071986 14071987 14071988 14081985 14081988 14081990 14091990 14101986 14101987 14101988
14111986 14121989 141627 142536 142857 145236 147258 14725836 147258369 147369 147741 147852 147852369 147896 1478963 14789632 147896325 147963 14881488 15011983 15011985 15011986
15011987 15021983 15021985 15021986 15021990 15031988 15031990 15041987 15041988 15051981 15051985 15051986 15051987 15051990 15061985 15061988 15071983 15071985 15071986 15071987
15071988 150781 15081986 15081988 15081990 15081991 15091985 15091987 15091988 15091989 15101986 15111984 15111988 15111989 15121987 153624 15426378 159263 159357 159632 159753
1598753 159951 16011987 16011989 16021987 16021990 16031988 16031990 16051985 16051987 16051988 16051989 16051990 16061985 16061986 16061987 16061988 16071987 16071991 16081986
16091987 16091988 16101987 16111982 16111990 16121986 16121987 162534 17011987 17011990 17021985 17021987 17021989 17031987 17041987 17041991 17051987 17051988 17051989 17051990
17061986 17061988 17061989 17061991 17071985 17071989 17091987 17101986 17101987 17111985 172839 18011985 18011986 18011987 18011988 18021984 18021986 18021987 18021988 18021992
18031988 18031991 18041986 18041990 18041991 18051987 18051988 18051989 18051990 18061985 18061990 18061991 18081988 18091985 18091986 18101985 18101987 18111986 18111987 18121983
18121984 18121987 18436572 19011987 19011989 19021990 19021991 19031985 19031987 19051986 19051987 19061985 19061987 19061990 19061991 19061992 19071986 19071988 19071990 19091983
19091988 19091990 19101986 19101987 19101990 19111986 19111987 19121989 192837 19283746 192837465 19411945 196969 1a2b3c 1a2b3c4d 1a2s3d4f 1dragon 1michael 1million 1passwor 1pussy
1q2w3e 1q2w3e4r 1q2w3e4r5t 1q2w3e4r5t6y 1qa2ws 1qa2ws3ed 1qaz2ws 1qaz2wsx 1qaz2wsx3edc 1qazxsw 1qazxsw23edc 1qazzaq 1qwerty 1x2zkg8w 1z2x3c 1z2x3c4v 200000 20011988 20011989
20021985 20021986 20021988 20031986 20031987 20031988 20031991 20041985 20041986 20041988 20041990 20051985 20051987 20051988 20051989 20061983 20061984 20061986 20061988 20061990
20071986 20071988 20081986 20081991 20091986 20091988 20091991 20101988 20111986 20121986 20121988 20121989 21011988 21011989 21011991 21021985 21021987 21031984 21031985 21031987
21031988 21031990 21041985 21041992 21051986 21051988 21051991 21061985 21061986 21061988 21071987 21071989 21071992 21081985 21081987 21101986 21101989 21111985 21111990 21121985
21121986 21122112 2128506 22011985 22011986 22011988 22011992 22021985 22021986 22021988 22021989 22021990 22031984 22031986 22031991 22041985 22041986 22041987 22041988 22051986
22051987 22051989 22051991 22061941 22061984 22061985 22061987 22061988 22061989 22061990 22071983 22071984 22071985 22071986 22071987 22071989 22071990 22071991 22081983 22081986
22081991 22091986 22091988 22091991 22111985 22121983 22121986 22121987 22121989 222333 222777 223322 223344 224466 225588 23011985 23011990 23021985 23021986 23021988 23021989
23031986 23031987 23031990 23041986 23041987 23051983 23051985 23051986 23051987 23051990 23051991 23061989 23061990 23061992 23071985 23091985 23091986 23091987 23091989 23111987
23111989 23121986 235689 23skidoo 24011985 24011987 24011990 24021988 24021991 24031987 24031988 24031990 24041988 24051990 24061986 24061987 24061988 24061992 24071987 24071991
24081988 24091986 24091991 24101986 24101989 24111987 24111989 24111990 24121986 24121987 246810 25011985 25011986 25011990 25011993 25021988 25031983 25031987 25031991 25041985
25041988 25041991 25051985 25051987 250588 25061985 25061986 25061987 25071990 25081985 25081986 25081988 25091987 25091990 25101988 25101989 25111987 25121985 25121987 25800852
25802580 258369 258456 258852 258963 26021987 26031984 26031986 26031987 26031988 26031990 26041986 26041991 26051986 26051988 26061985 26061986 26061987 26071986 26071987 26071989
26081986 26091986 26101986 26101987 26111985 27011988 27021990 27021991 27021992 27031986 27031987 27031989 27031992 27041985 27041990 27051987 27061983 27061985 27061988 27071987
27081986 27081990 27091985 27111985 27111989 28011987 28011988 28021985 28021986 28021990 28021992 28031982 28041987 28041992 28051985 28051986 28051987 28051990 28061986 28061988
28071986 28071987 28081986 28081990 28101986 28121984 29011982 29011985 29011987 29031988 29041985 29051985 29051989 29051990 29061985 29061986 29061988 29061989 29061990 29071983
29071985 29081985 29081990 29091987 29111989 29121987 3000gt 30011985 30011986 30011987 30011990 30031986 30031988 30031992 30041985 30041986 30041987 30041991 30051985 30051987
30051989 30061983 30061987 30071986 30081984 30091989 30111987 30121986 30121987 31011987 31011990 31031987 31031988 31051985 31051993 31071990 31101987 31121987 31121988 31121990
314159 31415926 315475 321123 321456 321654 321654987 321678 332211 333444 333555 333666 333777 334455 336699 357159 357951 362436 369258 369258147 369852 369963 3x7pxr 415263
420000 420247 426hemi 44332211 445566 456123 456321 456654 456852 456987 45m2do5bs 4815162342 4runner 50cent 50spanks 515000 51505150 5201314 5551212 555666 555777 556677 5wr2i7h
635241 654123 655321 66613666 666666 666777 666999 6751520 696969 69camaro 73501505 74108520 7412369 741852 741852963 741963 753159 753951 7753191 777333 777666 7777777 7777777a
777888 7779311 777999 778899 784512 787898 789123 789456 78945612 789456123 7894561230 7895123 7896321 789654 789654123 789987 794613 7ugd5hip2j 81fukkc 852456 8675309 875421
888999 8j4ye3uz 906090 911911 918273 9293709b 9379992 951357 951753 9562876 963258 963852 963852741 987123 987321 987456 987456321 996633 998877 999666 a11111 a12345 a123456
a1234567 a12345678 a123456789 a1a2a a1b2c a1b2c3d a1s2d a1s2d3f aa123456 aaa111 aaaaa aaliyah aardvark aaron abbott abby abc123 abc1234 abc12345 abcd abcdefg aberdeen abgrtyu
abigail abnormal abraham abrakadabra absolut absolute absolutely abstr access accord account achilles achtung acidburn acmilan action active adam adams addison adgjmptw adidas
admin admiral adonis adrenalin adrian adriana adrienne adult adults aezakmi africa again agent aggies aikido airborne airbus airforce airplane airport airwolf akira alabama aladin
alan alaska albany albatros albert alberta alberto albina albion alcatraz alejandr alejandro aleksandr aleksandra aleksey alenka alessandro alex alexalex alexande alexander
alexandr alexandra alexandre alexey alexia alexis alfa alfred alfredo alibaba alice alicia alien aliens alina alisha alison alissa allan allen alleycat alliance allison allmine
allsop allstar almighty almond aloha alone alpha alphabet alpine altima alucard always alyssa amadeus amand amanda amateur amateurs amazing amazon amber ambrosia amelia americ
america american amerika amethyst amigo amorcit amsterda amsterdam anaconda anai anakin anal analsex anarchy anastasi anastasia anastasiya anders andersen anderson andre andrea
andreas andrei andres andrew andrey andromed andromeda andy andyod anfield angel angela angelica angelika angelina angelo angels angelus angie angus anhyeuem animal animals anime
anita anna annabell anne annette annie annika annmarie answer antares antelope anthon anthony anthrax antoine anton antoni antonia antonina antonio anubis anything aolsucks apache
apollo apple applepie apples april aptiva aquarius aragorn aramis arcadia archange archer archie area argentin argentina ariana arianna arizona arjay arkansas arlene armada
armagedon armand armani armstron army arnold arrow arrows arsenal artem artemis artemka arthur artist artur arturo asd123 asdasd asddsa asdf asdfasdf asdffdsa asdfg asdfgh asdfghj
asdfghjk asdfghjkl asdfjkl asdfzxcv asdqwe asdzxc ashlee ashleigh ashley ashton asia asian asimov aspire aspirine assass assassin assfuck asshole assholes assman assword asterix
astra astral astrid astro astros athena athens athlon atlanta atlantic atlantis atomic attack attila attitude aubrey auburn auckland audi audia audrey august augusta augustus
aurora aussie austin australi australia autumn avalanch avalon avatar avenger avenue aviation awesome azamat azazel azerty azertyui azertyuiop azsxdc azsxdcfv babe babes babies
baby babybaby babyblue babyboy babycake babydoll babyface babygirl babylon babylove bacardi bacchus back backdoor backup bacon badass badboy baddog badger badgers badgirl badman
baggins baggio bagira bailey baker balance baldwin ball baller ballin balloon balloons balls baltimor bambam bamboo banana bananas banane bandit bang bangbang banger bangkok bank
banker banner banshee banzai baracuda barbados barbara barber barbie barcelon barcelona barefoot baritone barker barkley barnes barney baron barrett barron barry barselona barsik
bart bartman barton basebal baseball basket basketba basketball bass basset bassman bastard bastards batman battery battle baxter bayern bcfields bdsm beach beaches beacon beagle
beamer bean beaner beanie beans bear bearbear bearcat bearcats beardog bears beast beastie beatle beatles beatrice beautifu beautiful beauty beaver beavis because becker beckham
becky beefcake beemer beer beerbeer beerman beethove beetle believe belinda bell bella belle belly belmont bender benessere benfica beng bengals benjamin bennett bennie benny
benoit benson bentley beowulf beretta berger bergkamp berkeley berlin bermuda bernard bernie bert bertha bertie bessie best bestbuy beta beth bethany better betty bettyboo beverly
bhbirf bian bianca biao biatch bicycle bigass bigballs bigbear bigben bigbird bigblock bigblue bigbob bigboobs bigbooty bigboss bigboy bigbutt bigcat bigcock bigdaddy bigdawg
bigdick bigdicks bigdog bigfish bigfoot bigger biggie biggles bigguy bighead bigmac bigman bigmike bigmoney bigone bigones bigpimp bigpoppa bigred bigsexy bigtime bigtit bigtits
bigtruck bike biker bikini bilbo bill billabon billbill billie billy billybob billyboy bimmer bing bingo binladen biology bird birddog birdie birdman birgit birthday biscuit bishop
bismarck bismillah bitch bitchass bitches bitchy biteme bitter bizkit blabla black blackbir blackbird blackcat blackdog blackhaw blackie blackjac blackjack blacklab blackman
blackout blacks blacky blade blades blahblah blake blam blanco blast blaster blaze blazer blessed blessing blink blizzard blond blonde blondes blondie blood bloody blossom blow
blowfish blowjob blowme blue blueball bluebell bluebird blueblue blueboy bluedog blueeyes bluefish bluejays bluemoon blues bluesky bluesman bmw325 boat boating bob123 bobafett
bobbie bobbob bobby bobcat bobdole bobdylan boeing bogart bogdan bogey bohica boiler bolitas bollocks bollox bologna bolton bombay bomber bombers bond bondage bone bonehead boner
bones bonita bonjour bonjovi bonkers bonnie bonsai boob boobie boobies booboo boobs booger boogie book booker bookworm boom boomboom boomer booster bootie boots booty boozer
borabora bordeaux boricua boris borussia bosco boss bossman boston bottle bottom bounce bounty bowler bowling bowman bowser bowwow boxer boxers boxing boxster boys boytoy bozo
br0d3r brad bradford bradley brain brains brand brandi brando brandon brandy brasil braves bravo brazil breast breasts breeze brenda brendan brent brett brewer brewster brian
briana brianna bridge bridget bright brighton brigitte bristol british britney brittany brittney broadway brodie broken broker bronco broncos bronson bronze brooke brooklyn brooks
brother brothers brown brownie browning browns bruce brucelee bruins bruiser bruno brutus bryan bryant bubba bubbas bubble bubbles buceta buck bucket buckeye buckeyes buckshot
budapest buddah buddha buddie buddy buddyboy budlight budman budweise budweiser buffalo buffett buffy bugger builder building bull bulldog bulldogs bullet bullfrog bulls bullseye
bullshit bummer bumper bunghole bunker bunnies bunny burger burrito burton bush bushido business buste busted buster busty butch butcher butler butt butter buttercu buttercup
butterfl butterfly buttfuck butthead butthole buttman button buttons butts buzz buzzard bynthytn byteme cabbage cabernet cabron cactus cadillac caesar caitlin calgary calibra
calico caliente californ california caligula calimero callaway callie callisto callum calvin camaro camaross cambiami cambridg camel camelot camels cameltoe camera cameron camila
camilla camille campbell camper canada canadian cancel cancer cancun candace candice candle candy candyass candyman cang cannabis cannibal cannon canon cantona canyon capetown
capital capitals capone caprice capricor capricorn capslock captain caramel caravan carbon card cardinal cardinals cards carebear carina carl carla carlito carlitos carlo carlos
carlton carman carmel carmen carmex carnage carnival carol carole carolin carolina caroline carolyn carpedie carpente carpet carrera carrie carroll carrot carson carter cartman
cartoon cartoons carver casanova cascade caserta casey cash cashmone cashmoney casino casper cassandr cassandra cassidy cassie castillo castle castor castro cat123 catalina catch
catdog catfish catherin catherine cathy catman cats cattle catwoman caught cavalier caveman cayman cbr600 cbr900rr ccbill cdtnbr cdtnkfyf cecilia cedric celeb celeron celeste
celica celine celtic celtics ceng center central century cerberus cessna cfitymrf cgfhnfr chad chai chainsaw chair challeng chambers champ champion champs chan chance chandler
chandra chanel chang change changed changeme changes channel chantal chao chaos chapman charger chargers charisma charity charlene charles charley charli charlie charlott charlotte
charlton charly charmed charter chase chaser cheater check checkers cheech cheeks cheers cheese cheetah chef chelse chelsea chemical cheng cherokee cherries cherry cheryl cheshire
chester chestnut chevelle chevrole chevrolet chevy chevys chewie cheyenne chiara chicago chichi chick chicken chickens chicks chico chief chiefs children chilli chillin chilly
chimera china chinese chinook chip chipmunk chipper chippy chips chiquita chivas chloe chocolat chocolate choice chong choochoo chopin chopper chou chouchou chris chrisbln chriss
chrissy christ christia christian christie christin christina christine christma christmas christop christopher christy chrome chronic chrono chrysler chuai chuang chubby chuck
chuckie chuckles chucky chui chun chunky chuo church ciccio cicero cigar cigars cinder cindy cinema cinnamon circle circus cisco citadel citation citizen citroen city civic
cjkysirj cjkywt claire clancy clapton clarence clarinet clarissa clark classic classics claude claudi claudia claudio clay claymore clayton clemente clemson cleo cleopatr cleopatra
clevelan cleveland clifford climber clinton clipper clippers clit clitoris close cloud clouds clover clown clowns club clyde cnfybckfd coach cobain cobalt cobra cobras cocacola
cocaine cock cocker cocks cocksuck cocksucker coconut codered cody coffee cohiba coke coldbeer coldplay cole coleman colleen college collin collins colnago colombia colonel
colonial colorado colors colt colton coltrane columbia columbus comanche combat comedy comet comfort comics command commande commando common company compaq compass complete compton
compute computer conan concord concorde concrete condom condor confused cong connect conner connie connor conover conquest conrad constant consumer contact content contest contract
control cookie cookies cool coolcat coolcool cooldude cooler coolguy coolio coolman coolness cooper cooter copper corey corinne corleone corndog cornell cornwall corolla corona
corrado corsair corvette cosmic cosmo cosmos costello cosworth cottage cotton cougar cougars counter country county courage courtney coventry cowboy cowboys coyote crack cracker
crackers craig cramps crash crawford crazy crazybab cream creampie creamy create creation creative creature credit cricket criminal crimson cristian cristina critter crjhgbjy
cromwell cross crow cruise cruiser crunch crusader crusher crysis crystal cthtuf cthulhu cthutq ctrhtn cuan cubbies cubswin cucumber cuddles cumming cumshot cunt cunts cupcake
curious curtis custom customer cutiepie cutlass cutter cxfcnmt cyber cyborg cyclone cyclops cygnus cygnusx cynthia cypress dabears daddy daemon daewoo dagger daisy daisydog dakota
dale dalejr dallas dalshe dalton damage damian damien dammit damnit dana dance dancer dancing dang danger danie daniel daniela daniele danielle daniels daniil danila danni danny
dannyboy dante danzig daphne darius dark darkange darkangel darklord darkman darkness darkside darkstar darlene darling darrell darren darryl darwin datsun daughter dave david
davide davids davidson davis dawg dawn dawson daylight dayton daytona dbrnjh dbrnjhbz deacon dead deadhead deadly deadman deadpool dean deanna death debbie deborah december deedee
deejay deep deeper deepthroat deer deeznuts deeznutz defender defense defiant deftones delaware delete delight delilah dell delldell delphi delpiero delta deluxe demo demon demons
denali deng denis denise deniska denmark dennis dentist denver depeche derek derparol derrick descent desert design designer desire desiree deskjet desmond destin destiny destroy
detroit deutsch devil devildog devils devo dexter dfcbkbcf dfcbkbq dfkthbz dfkthf dfktynby dfktynbyf dfvgbh dharma diablo dialog diamond diamonds dian diana diane dianne diao
diaper dick dickhead dickie dicks diego diehard diesel dietcoke dieter digger diggler digimon digital dilbert dildo dilligaf dillon dima dimas dimples dinamo dinara dindom ding
dingdong dino dinosaur dipshit direct director dirtbike dirty discover disney diver divine diving divorce dixie dkflbckfd dkflbvbh dmitriy doberman doctor dodge dodger dodgeram
dodgers dog123 dogbert dogboy dogcat dogface dogfood dogg dogger doggie doggy doghouse dogman dogpound dogs dogshit doitnow dolemite dollar dollars dolly dolores dolphin dolphins
domain dominic dominik dominion dominiqu domino donald dong donkey donna donnie donovan dontknow donuts doobie doodle doofus doogie dookie doomsday door doors dorian dorothy dotcom
dottie double doug doughboy douglas down download downtown dracula drago dragon dragonba dragonball dragonfl dragons dragoon dragster drake drakon draven dream dreamcas dreamer
dreams drew drifter drive driver drizzt droopy drowssap drpepper drummer drunk dthjybrf duan dublin ducati duchess duck duckie ducks dude dudedude dudley duke dukeduke dumbass
duncan dundee dungeon dupont durango duster dustin dusty dutch dutchess dwayne dwight dylan dynamite dynamo dynasty eagle eagles earnhard earth earthlink easter eastern easton
eastside eastwood easy eatme eatpussy eatshit ebony eclipse eddie edgar edison edmonton eduard eduardo edward edwards eeyore eggman eggplant eight eileen einstein ekaterina elaine
elcamino eldorado eleanor electra electric electro electron elefant element elements elena eleonora elephant eleven elijah elisabet elite elizabet elizabeth elizaveta ellen ellie
elliot elliott elvira elvis elwood emerald emerson emilia emilie emily eminem emma emmanuel emmitt emperor empire energy enforcer engage engine engineer england english enigma
enjoy enrico enter enterme enternow enterpri enterprise entropy epsilon eraser eric erica ericsson erik erika erin ernest ernesto ernie erotic erotica escalade escape escort
espresso esther estrella eternal eternity ethan eugene eureka europa europe evan evangelion evelyn everest everett everlast everton evolutio evolution excalibu excalibur exchange
excite exigen exigent exodus exotic expert explorer express extreme f**k f00tball fabian fabie fabric face facebook facial faggot fairlane faith faithful falcon falcons fallen
fallout family famous fandango fang fantasia fantasy fantomas farley farmer farscape farside fart fashion fast fastball faster fatass fatboy fatcat father fatima fatman fatty
favorite fearless feather february federal federico feelgood feet felicia felipe felix fellatio female fender feng fenway fergie fergus ferguson fernand fernando ferrari ferret
ferris fester festival fetish fghtkm fgtkmcby ficken fiction fidelio fidelity fiesta figaro fight fighter films filter filthy finance finger fingers finish finland fire fireball
firebird fireblad firefigh firefire firefly firefox fireman firewall first fischer fish fishbone fisher fishes fishfish fishhead fishin fishing fishman fisting fitness five
fkbyjxrf fktrcfylh fktrcfylhf fktrctq flamengo flames flamingo flanker flash flatron fletch fletcher flexible flight flip flipflop flipper floppy florence flores florian florida
flounder flower flowers floyd fluffy flyboy flyers flyfish flying focus foobar food foot footbal football force ford fordf forest foreve forever forfun forget forgetit forgot
format formula forrest forsaken fortress fortuna fortune forum forward foryou fossil foster fountain fowler foxtrot foxy foxylady franc france frances francesc francesco francine
francis francisc franco francois frank frankie franklin franky fraser freak freaks freaky freckles fred freddie freddy frederic frederik fredfred fredrick free freebird freedom
freefall freefree freeman freepass freeporn freesex freeuser freeway freeze french fresh friday friend friendly friends friendster fright frisco frisky fritz frodo frog frogger
froggy frogman from front frontier frost frosty frozen fubar fuck fuck_inside fucked fucker fuckers fuckface fuckfuck fuckhead fuckher fuckin fucking fuckinside fuckit fuckme
fuckoff fuckthis fucku fuckyo fuckyou fugazi fulham fullmoon function funny funstuff funtime fusion fussball futbol futurama future fuzzy fyfcnfcbz fyfnjkbq fylhtq fytxrf fyutkbyf
fyutkjxtr gabrie gabriel gabriela gabriele gabriell gadget gagging galaxy galina galore gambit gambler game gameboy gamecock gamecube gameover games gandalf ganesh gang gangbang
gangsta gangster gannibal garage garbage garcia garden garfield gargoyle garion garrett gary gasman gaston gateway gator gatorade gators gawker gbhfvblf gbpltw gegcbr geheim gemini
gene general generals generic genesis geneva geng genius geoffrey georg george georgia georgie gerald gerard german germany geronimo gertrude gesperrt getmoney getout getsome
gfhjkm gfhjkmgfhjkm ghbdtn ghbdtnbr ghblehjr ghbywtccf ghetto ghhh47hj ghjcnj ghjcnjgfhjkm ghjcnjnfr ghjuhfvvf ghost ghostrider ghosts giant giants gibson gideon gidget giggles
gilbert gilles gillian gilligan ginger giorgi giorgio giovanna giovanni giraffe girl girls giuseppe gizmo gizmodo gjkbyf glacier gladiato gladiator glamour glasgow glass glenn
global glock gloria glory gmoney gn56gn goalie goat goaway gobears goblin goblue gobucks goddess godfathe godfather godsmack godzilla gofish goforit gogators goirish goku gold
goldberg golden goldeney goldfing goldfish goldie goldstar goldwing golf golfball golfer golfgolf golfing goliath gollum gonavy gong gonzales gonzalez gonzo goober good goodboy
goodbye goodgirl goodluck goodman goodtime goofy google gooner goose gopher gordo gordon gore gorgeous gorilla gotcha goten gothic gotohell govols grace gracie graham grand grande
grandma grandpa granny grant grapes graphics grateful gravity grease great greatone greece green greenbay greenday greene greens greg gregor gregory gremlin grendel gretchen
gretzky griffey griffin grinch gringo grizzly gromit groove groovy groucho groups grover grumpy gryphon gsxr gtnhjdbx guai guang guardian guess guest guillaum guiness guinness
guitar guitars gundam gunnar gunner gunners gunther gustav gustavo guyver gypsy habibi hack hacked hacker haggis hailey hairball hairy hal9000 halflife halifax hall hallie hallo
hallowee hambone hamburg hamilton hamish hamlet hammer hammers hammond hampton hamster handball handsome handyman hang hank hanna hannah hannibal hans hansen hansolo hanson
happiness happy happyday hard hardball hardcock hardcore harddick harder hardon hardrock hardware harlem harley harmony harold harper harris harrison harry harrypotter harvard
harvest harvey hassan hastings hate hattrick havana havefun hawaii hawaiian hawk hawkeye hawkeyes hayabusa hayden hayley head health heart hearts heat heater heather heaven heckfy
hector hedgehog heidi heineken heinrich helen helena helene hell hellboy hellfire hello hellokitty helloo hellos hellsing hellyeah helmet help helper helpme hendrix heng henry
hentai herbert herbie hercules here herewego heritage herman hermes heroes hershey hesoyam hetfield hewlett heynow hidden higgins high highbury highheel highland highlander highway
hilary hill hillary hilton hiphop hippie history hitachi hithere hitler hitman hjccbz hjvfirf hobbes hobbit hockey hokies hola holden hole holiday holidays holland hollie hollow
holly hollywoo hollywood holmes holycow holyshit home homeboy homemade homer homerj homers homerun homework honda hondas honey honeybee hong hongkong honolulu hookem hooker hookup
hooligan hooper hoosier hoosiers hooter hooters hootie hoover hope hopeful hopeless hopkins hopper horace horizon horndog hornet hornets horney horny horse horses hotbox hotboy
hotdog hotgirls hotone hotpussy hotred hotrod hotsex hotshot hotstuff hottie hotties hounddog house houses houston hover howard howdy htubcnhfwbz huai huang hubert hudson hughes
hugo hummer hungry hunt hunter hunting hurley hurrican hurricane husker huskers huskies hustler hyperion iamgod ib6ub ibanez iceberg icecream icehouse iceman icu812 idiot idontkno
idontknow idunno iforget iforgot igor iguana ihateyou ijrjkfl ilikepie illini illinois illusion ilovegod iloveme ilovepussy ilovesex iloveu iloveyo iloveyou imagine imation
immortal impact impala imperial incubus india indian indiana indians indigo infantry inferno infiniti infinity ingrid insane insanity insert inside insomnia inspiron install
integra intel intercourse internet intrepid intruder inuyasha iomega ipswich ireland irina irinka irish irishka irishman ironmaiden ironman isaac isabel isabell isabella isabelle
isaiah iscool island islander israel istanbul istheman italia italian itsme ivan ivanov ivanova iverson iwantu jabroni jack jackal jackass jackie jackjack jackoff jackpot jackson
jacob jacobs jacques jade jagger jaguar jake jakejake jamaica james jamesbon jamesbond jameson jamess jamie jammer jammin jane janet janice janine january japan japanese jared
jarhead jarvis jasmin jasmine jason jasper java javier jaybird jayden jayhawk jayhawks jayson jazz jazzman jean jeanette jeanne jedi jeep jeepster jeff jefferso jefferson jeffery
jeffrey jelly jellybea jellybean jenkins jenn jenna jennie jennife jennifer jenny jensen jeremiah jeremy jericho jerkoff jermaine jerome jerry jersey jess jesse jessic jessica
jessie jester jesus jethro jets jetski jewel jewels jezebel jiang jiao jiggaman jill jillian jimbo jimbob jimmie jimmy jing jingle jiong jktymrf joanna joanne jockey joe123 joebob
joejoe joel joey johann johanna johannes john johnboy johncena johndeer johngalt johnjohn johnny johnson joker jokers jonathan jonathon jones jonny jorda jordan jose joseph
josephin josh joshua journey jrcfyf jsbach juan juanita jubilee judith judy juggalo juice juicy jules julia julian julie julien juliet juliette julius july jump jumper june junebug
jungle junior junkie junkmail jupiter just4fun just4me justdoit justice justin justine justme justus juventus kahuna kaiser kaitlyn kakashka kaktus kalina kamasutra kamikaze kamila
kang kangaroo kansas karachi karate karen karin karina karma karolina kashmir kasper katana katarina kate katerina katherin katherine kathleen kathryn kathy katie katrin katrina
kawasaki kayla kaylee kayleigh kazantip kcj9wx5n keegan keenan keeper keepout keisha keith keller kelley kellie kelly kelsey kelvin kendall kendra keng kennedy kenneth kenny
kenshin kent kentucky kenwood kenworth kermit kernel kerstin kevin keyboard keystone keywest kfhbcf khan kickass kicker kidrock kids kieran kill killbill kille killer killers
killjoy killkill killme kilroy kimber kimberly kimmie kinder king kingdom kingfish kingking kingkong kingpin kings kingston kinky kipper kirby kirill kirk kirkland kirsten kirsty
kiss kisses kissing kisskiss kissme kissmyass kitchen kitkat kitten kittens kitty kittycat kittykat kjkszpj kjrjvjnbd klaste klaster kleopatra klingon klondike knickers knicks
knight knights knock knockers knopka knuckles kodiak kojak kokomo kolobok komodo kong konstantin kool kordell korn koroleva koshka kosmos kostya kotaku kotenok kramer krasotka kris
krishna krissy krista kristen kristi kristian kristin kristina kristine kristy krokodil krusty krypton krystal ktyjxrf kuai kuang kume kungfu kyle labrador labtec lacrosse ladies
lady ladybug laetitia laguna lakers lakeside lakewood lakota lalakers lambda lambert lamer lamont lance lancelot lancer landon lane lang lansing lantern laptop larisa larissa larry
laser lassie lasvega lasvegas latin latina latinas latino laura laurel lauren laurence laurent laurie lawrence lawyer lazarus leader leanne leather leavemealone ledzep leedsutd
left4dead legacy legend legion legolas lemon lemonade lemons lena leng lennon lenny lenochka leon leonard leonardo leonid leopard leroy lesbian lesbians lesley leslie lespaul
lestat lester letmei letmein letsdoit letsgo letter lewis lexmark lexus lfitymrf liang liao liberty library lick licker licking lickit lickme life lifehack lifetime light lighter
lighting lightnin lightning lights lilian lilith lillian lilly limewire limited lincoln linda lindros lindsay lindsey lineage ling lion lionel lionking lions lips lipstick liquid
lisa lisalisa lithium little live liverpoo liverpool living lizard lizzie loaded lobster lockdown loco logan logitech lokiloki lokomotiv lol123 lol12345 lola lolipop lolita
lollipop lollol lollypop london lonely lonesome lonestar lonewolf long longbow longdong longhair longhorn longjohn look looker looking looney looser lopez lord lorena lorenzo
loretta lori lorraine loser losers lost lottie lotus loud louie louis louise loulou love lovebug loveit loveless lovelife lovelove lovely loveme lover loverboy lovers lovesex
loveyou loving lowell lowrider ltybcrf luan luca lucas lucifer lucille luck lucky luckydog luckyone lucy ludmila ludwig luis luke lumber lust luther lvbnhbq lynn macbeth macdaddy
machine mack macman macross madcat madden maddie maddog madeline madina madison madman madmax madness madonna madrid maestro magazine magelan magellan maggi maggie maggot magic
magical magician magick magicman magnet magneto magnolia magnum magnus magpie mahler maiden mail mailcreated mailman majestic major makaveli maksim maksimka malachi malaka malaysia
malcolm malibu malice malina mallard mallorca mallory malone mama mamacita mamamia mamapapa manager manchest manchester mancity mandarin mandingo mandrake mandy manfred mang mango
maniac manila mankind manning manolo manowar manson mantis manuel manuela manutd maradona marathon marble marc marcel marcello march marcia marcius marco marcos marcus margaret
margarit margarita margie mari maria mariah marian mariana marianna marianne marie marijuan marijuana marika marilyn marin marina marine mariners marines marino mario marion
mariposa marisa marissa marius marjorie mark marker market markiz markus marlboro marlene marley marlin marlon marriage married mars marseill marseille marsha marshall martha marti
martin martina martine martinez martini marty marvel marvin mary maryann maryjane maryland masamune maserati mash mason massage massimo massive maste master masterbate masters
matador mathew matilda matrix matt matteo matthe matthew matthews matthias mattie mature maureen maurice maverick max123 maxell maxim maxima maxime maximum maximus maxine maxmax
maxwell maxx maxxxx mayday mayhem maynard mazafaka mazda mazdarx mcdonald mckenzie mclaren meagan meat meatball meathead meatloaf mechanic media medic medical medicine medion
medusa medved megadeth megaman megan megane megapass megatron meghan meister melanie melinda melissa mellon mellow melody melvin member memorex memory memphis menace meng mental
mentor meowmeow mephisto mercedes mercury meredith meridian merlin merlot mermaid mersedes messiah metal metallic metallica method mets mexican mexico miami mian miao michae
michael michaela michaels micheal michel michele michell michelle michigan mick mickey micro microlab micron microphone microsof microsoft midget midnight midway mighty miguel
mihail mike mikemike mikey milan milana milano mildred milena miles military milk milkman millenium miller millie million millions millwall milo milton mine minecraft minemine
minerva ming mingus minime minimoni ministry minnie miracle mirage miranda miriam mirror mischief misery misfit misfits misha mishka mission mississippi missouri missy mister
mistress misty mitch mitchell mittens mobile mobydick model models modelsne modena modern mohamed mohammed mojo mollie molly mollydog moloko molson mommy momoney monaco monalisa
monarch monday mondeo money moneyman moneys mongoose monica monika monique monitor monke monkey monkeybo monkeys monopoly monroe monster monsters montana monte montecar montgom
montreal montrose monty moocow mookie moomoo moon moonbeam moondog moonligh moonlight moonshin moore moose mordor more moreno morgan moritz morning morpheus morris morrison
morrowind mortal mortgage mortimer morton moscow moses moskva mother motherfucker motherlode motion motley motocros motorola mountain mouse mouth movie movies mozart mudvayne
muffin muhammad mulder mullet mulligan multiplelo munchkin muppet murder murphy murray musashi muscle muscles mushroom music musica musicman mustafa mustang mustangs mustard mybaby
mydick mygirl mykids mylife mylove myname mynameis mypass mypassword myself mystery mystic myxworld nadine naked namaste nancy nang nanook napass napoleon napoli napster naruto
nascar nasty nastya natali natalia natalie natasha nathalie nathan nation national natural nature naughty nautilus navigator navy navyseal ncc1701 ncc1701a ncc1701d ncc1701e
ncc74656 ne1469 nebraska nellie nelson nemesis neng neptune netscape network nevada never nevermind nevermore newbie newcastl newcastle newlife newman newpass newport news newton
newyork nextel nfnmzyf nfytxrf nguyen niang niao nice niceass niceguy nicholas nichole nick nickel nicol nicola nicolas nicole nigga nigger night nightmar nightmare nights
nightwish nike nikita nikitos nikki nikola nikolai nikolay nimbus nimrod nina nineinch niners ning ninja ninjas nintendo nipper nipple nipples nirvana nissan nitram nitro nobody
noelle nofear nokia nokian nolimit nomore noname none nonenone nong noodle noodles nookie nopass normal norman normandy north northern norton norway norwich nostromo notebook
nothing notredam notused nounours nova novell november nthvbyfnjh ntktajy nuan nude nudes nudist nugget nuggets number nurses nutmeg nuts nutter nuttertools nwo4life nygiants
nyjets nylons nymets oakland oakley oasis oatmeal obelix obiwan oblivion obsidian ocean oceans october odessa office officer offshore ohshit ohyeah oicu oilers oklahoma oksana
older oldman oleg olesya olga oliver olivia olivier omega onelove onetime onetwo online onlyme open opendoor openup operator optimist optimus options oracle orange oranges orchid
oregon orgasm orient original orioles orion orlando oscar osiris othello otis otto ou8122 outkast outlaw over overkill overlord oxford ozzy p0015123 p0o9i8u p4ssw0rd p@ssw0rd
pa55w0rd pa55word pablo pacers pacific packard packer packers pacman paco paddle padres paint paintbal paintball painter painting pakistan palace paladin palermo pallmall palmer
palmtree paloma pamela panama panasoni panasonic pancakes pancho panda pandora pang pantera panther panthers panties pants pantyhos panzer paolo papamama paper papillon papito
paradigm paradise paradox paramedi paranoid paris park parker parol parola parrot partner party pasadena pascal pass passat passes passion passme passpass passport passw0rd passwd
passwor password passwords passwort pasword patches pathetic pathfind patience patric patrice patricia patrick patriot patriots patton patty paul paula paulie paulina pauline
paulpaul pavel pavement pavilion pavlov payton pdtplf peace peach peaches peacock peanut peanuts pearl pearljam pebble pebbles pecker pedro peekaboo peewee pegasus pelican pencil
penelope penetration peng penguin penguins penis penny pentagon penthous pentium people pepito pepper pepsi perfect perry persik person personal pervert pete peter peterbil
peterpan peters peterson petra petrov peugeot peyton phantom pharmacy pheonix phialpha phil philip philippe philips phillies phillip phillips philly phish phoebe phoeni phoenix
phone photo photos phpbb physics pian piano pianoman piao piazza picard picasso piccolo pickle pickles pickup pics picture pictures picturs pierce pierre pigeon piggy piglet
pikachu pillow pilot pimp pimpdadd pimpin pinball pineappl pineapple pinetree ping pingpong pinhead pink pinkfloy pinkfloyd pinky pinnacle pioneer pipeline piper pippen pippin
pippo piramida pirate pirates pisces pissing pissoff pistol pistons pitbull pixies pizza pizzaman pizzas placebo planet plasma plastic plastics platinum platypus play playa
playball playboy player players playing playmate playstat playstation playtime please pleasure plumber pluto plymouth pobeda pocket poetry poison pokemon poker poland polaris
police polina polly polniypizdec polo polopolo polska pompey poncho pontiac pony poochie poodle pooh poohbear pookie pool poontang poop pooper poopie poopoo pooppoop poopy pooter
popcorn popeye popper poppy porkchop porn pornking porno pornos pornporn pornstar porsche porter portland portugal poseidon positive possum post postal postman potato pothead
potter powder powell power powerful powers praise prayer preacher precious predator prelude premier premium presario presiden president presley pressure presto preston pretty
priest primus prince princes princess pringles printer printing prissy private privet prodigy profit program progress project promise property prophet prospect prowler proxy psycho
public puddin pudding puffin puffy pufunga pulsar pumpkin pumpkins punisher punk punkin punkrock puppet puppies puppy puppydog pupsik purdue purple puss pussey pussie pussies pussy
pussycat pussyman pussys putter pyramid python q12345 q123456 q1234567 q123456789 q1q2q q1w2e q1w2e3r q1w2e3r4t q1w2e3r4t5y q2w3e4r qawsed qawsedrf qaz123 qazqaz qazws qazwsx
qazwsxed qazwsxedc qazwsxedcrfv qazxsw qazxswedc qazzaq qiang qiao qing qiong qqq111 qqqqq quality quan quantum quartz quasar quattro quebec queen queenie queens quentin quest
question quincy qwaszx qwe123 qwe123qwe qweasd qweasdzxc qweqwe qwer qwerasdf qwert qwerty qwertyu qwertyui qwertyuio qwertyuiop r2d2c3po rabbit rabota race racecar racer racerx
rachael rachel rachelle racing radical radio radiohea radiohead rafael ragnarok raider raiders railroad rain rainbow rainbows rainman rainyday raistlin ralph rambler rambo ramirez
rammstein ramona ramones rampage ramrod ramses ramsey rancid randall random randy rang ranger rangers raptor raquel rascal rasdzv rasputin rasta rastaman raven ravens raymond razor
razz rbhbkk rctybz reader reading ready reagan reality really realmadrid reaper rebecca rebel rebels reckless record records recovery red123 redalert redbaron redbird redbull
reddevil reddog reddwarf redeye redfish redfox redhead redhot redline redman redneck redrose redrum reds redskins redsox redwing redwings redwood reebok reefer reflex reggie regina
reginald register reilly reload remember remingto remote renata renault renee renegade reng report reptile republic rereirf rescue research resident respect retard retired revenge
review revoluti revolution revolver reynolds rfhbyf rfhnjirf rfnthbyf rfntymrf rfrfirf rfrnec rfvfcenhf rhbcnbyf rhfcjnrf rhiannon rhino rhjrjlbk rhonda rhtdtlrj ricardo riccardo
rich richard richards richie richmond rick ricky rico rider riffraff rightnow riley ripken ripley ripper ripple river rivera rivers rjhjktdf rjirfrgbde rjntyjr rjycnfynby roadkill
roadking roadrunn roadrunner roadster robbie rober robert roberta roberto roberts robin robins robinson robot robotech robotics rochelle rock rocker rocket rockets rockford
rockhard rockies rocknrol rocknroll rockon rocks rockstar rockwell rocky rodman rodney roger rogers rogue roland roller rolling rollins rolltide roman romance romano romans
romantic romashka romeo romero rommel ronald ronaldo rong ronnie rookie rooney rooster rootbeer rosario roscoe rose rosebud rosemary roses rosie ross rotten route rover rovers
roxanne royal royals rtyuehe ruan rubber rubble ruby rudy rufus rugby rules rulez rulezzz runaway runescape runner running rupert rush ruslan russell russia russian rustam rusty
rustydog ryan sabbath sabina sabine sabres sabrina sacred sadie safari safety sahara sailboat sailing sailor saint saints sairam saiyan sakura salamander salasana saleen sally
salmon salome salomon salsero salvador sam123 samantha samara samiam samira sammie sammy sampson samson samsun samsung samtron samuel samurai sanchez sancho sander sanders sandiego
sandman sandra sandrine sandro sandwich sandy sanford sanfran sang sanity santa santafe santana santiago santos sapper sapphire sara sarah saratoga sascha sasha sassy sasuke satan
satana saturday saturn saun sauron sausage sausages savage savanna savannah sayang scania scanner scarface scarlet scarlett schalke scheisse schmidt school science scooby scoobydo
scoobydoo scooter score scorpio scorpion scotch scotland scott scottie scotty scout scrabble scrapper scrappy scratch scream screamer screen script scruffy scuba scully seabee
seadoo seagull seahawks seamus sean searay search season seattle sebastia sebastian second secret secrets secure security seeker seeking segblue seinfeld sekret select selena
seminole semperfi senator senators seng senior sensei sentinel sephiroth septembe september serega serena serenity sergbest sergeant sergei sergey sergi sergio sersolution server
service services sesame seven sevens severin sex123 sex4me sexsex sexual sexx sexxxx sexxxy sexy sexybabe sexybitch sexyboy sexygirl sexylady sexyman sexysexy sf49ers shado shadow
shadows shaggy shai shakira shalom shaman shamrock shamus shan shane shaney shang shanghai shania shanna shannon shanti shao shaolin shark sharks sharky sharon sharp shasta shaved
shawn shawna shazam shearer sheba sheena sheepdog shei sheila shelby shell shelley shelly shemale sheng shepherd sheridan sheriff sherlock sherman sherri sherry sherwood shibby
shiloh shiner shinobi shirley shit shitface shithead shitty shock shocker shogun shooter shopping short shorty shotgun shou show showme showtime shrimp shuai shuang shui shun shuo
shutup sidekick sidney siemens sierra sigma sigmachi silence silent silly silver silverad silvia simba simmons simon simona simone simple simpson simpsons sims sinatra sinbad
sinclair singapor singer single sinister sinned sinner sirius sissy sister sisters site sithlord sixers skate skateboard skater skeeter skibum skidoo skiing skillet skinhead
skinner skinny skip skipper skippy skittles skorpion skydive skyhawk skylar skyler skyline skywalke skywalker slacker slamdunk slapper slappy slapshot slater slave slavik slayer
sleep sleeper sleepy slick slider slim slimshad slimshady slinky slipknot slippery slowhand slugger sluggo slut sluts slutty smackdow smackdown small smart smashing smeghead smegma
smelly smile smiles smiley smirnoff smith smiths smitty smoke smoker smokes smokey smokie smokin smoking smooth smoothie smudge smut snake snakes snapon snapper snapple snappy
snatch sneakers sneaky snickers sniffing sniper snooker snoop snoopdog snoopy snow snowball snowbird snowboar snowboard snowflak snowman snuffy snuggles sobaka soccer socrates
softail softball software sojdlg123aljg soldier soleil solitude solnce solo solomon solution some someone somerset somethin something sommer sonata song sonia sonic sonics sonny
sonoma sony sonyericsson sonyfuck sonysony sooner sooners sophi sophia sophie soprano soso123aljg soulmate sound south southern southpar southpark southpaw sowhat space spaceman
spam spanish spank spanking spankme spanky sparkle sparkles sparks sparky sparrow sparta spartak spartan spartans spawn speaker speakers spears special specialk spectre spectrum
speed speedo speedway speedy spencer sphinx spice spider spiderma spiderman spidey spike spiker spikes spikey spinner spirit spitfire splash splinter spock sponge spongebo
spongebob spooky spoon sport sporting sports sporty spotty spread spring springer sprint sprinter sprite spud spunky spurs sputnik spyder squall squash squeak squeeze squirrel
squirt srinivas stacey stacie stacy stafford stalin stalker stallion standard stanford stanislav stanley staples star starbuck starcraf starcraft stardust starfire starfish
stargate starligh starman stars starship starstar start starter startrek starwars stasik state static station stealth steam steel steele steeler steelers stefan stefanie stefano
steffi stella stepan steph stephan stephane stephani stephanie stephen stereo sterlin sterling steve steven stevens stevie stewart stick stickman sticks sticky stiffy stigmata
stimpy sting stinger stingray stinker stinky stocking stocks stockton stolen stone stonecol stonecold stoned stoner stones stoney stop store stories storm stormy straight strange
stranger stratfor stratus strawber strawberry stream streaming street strength stress stretch strider strike striker string strip stripper stroke stroker strong stuart stubby stud
student studio studly studman stuff stumpy stunner stupid styles stylus suan subaru sublime submit suburban subway subzero success suck suckdick sucker suckers sucking suckit
suckme suckmydick sucks sugar suicide sullivan sultan summer summit sundance sunday sundevil sunfire sunflowe sunflower sunlight sunny sunnyday sunrise sunset sunshin sunshine
super superb superfly superior superma superman supernov supernova supersta superstar support supreme surf surfer surfing survivor susan susana susanne sushi sutton suzanne suzuki
sveta svetik svetlana svoboda swallow sweden sweet sweetie sweetnes sweetness sweetpea sweets sweety swimmer swimming swinger swingers swinging switch sword swordfis swordfish
swords sydney sylveste sylvia syncmaster synergy syracuse system syzygy tabasco tabitha taco tacobell tacoma taekwondo talisman talon tamara tammy tampabay tang tango tank tanker
tanner tanya tara tardis target tarheel tarheels tarzan tasha tasty tatarin tatiana tattoo tatyana taurus taxman taylor tazman tazmania tbone tdutybq tdutybz teacher team tech
technics techno teddy teddybea teddybear teen teenage teens tekken telefon telephon telephone temp tempest templar temple temppass teng tennis tequila teresa terminal terminat
terminator terrapin terror terry test tester testing testpass testtest texas thailand thanatos thanks thankyou theater theatre theboss thecat thecrow thedog thedoors thedude theend
theforce thegame thegreat thekid theking thelma theman theodore theone there theresa therock thesims thewho thing thirteen thisisit thoma thomas thompson thong thongs thor thrasher
three threesom throat thuglife thumbs thumper thunder thunderb thursday thx1138 tian tiao tiberius tiburon ticket tickle ticklish tiffany tiger tigercat tigers tigge tigger tight
tights timber time timmy timothy tina ting tinker tinkerbe tinkerbell tinman tintin tiny tipper titan titanic titanium titans titleist tits titten titties titty tkbpfdtnf toaster
tobias toby today todd toejam toffee together toilet tokiohotel toledo tolkien tomahawk tomato tomcat tommie tommy tommyboy tomorrow tomtom tong tongue tonight tony tool toolman
toon toonarmy tootie tootsie topcat topdog topgun tophat topher topper toriamos torino tornado toronto torpedo torres toshiba tottenha tottenham touching towers toyota tracey
tracker tractor tracy trader traffic train trainer training trains trance tranny transam transfer transit translator trapper travel traveler travis treasure trebor tree treefrog
trevor trfnthbyf trial triangle tricia tricky trident trigger trinidad trinitro trinity triple tripod tripper trisha tristan triton triumph trixie trojan trojans troll trombone
trooper tropical trouble trout troy truck trucker trucking trucks truelove truman trumpet trunks trust trustno tsunami tuan tucker tuesday tulips tuna tunafish tundra tuning turbo
turkey turner turtle tweety twenty twiggy twilight twinkle twins twisted twister tyler typhoon tyrone tyson ufkbyf ukraine ultima ultimate ultra umbrella umpire undead underdog
underground undertak undertaker unicorn unique united universa universal universe university unknown unreal upyours uranus ursula usa123 usarmy user username usmarine usmc usnavy
usuckballz utopia vacation vader vadim vagabond vagina valencia valentin valentina valentine valera valeri valeria valerie valhalla valkyrie valley vampire vampires vancouve
vanessa vanguard vanhalen vanilla varvara vasilisa vauxhall vector vectra vedder vegas vegeta velocity velvet vendetta venera venice ventura venus vera verbatim veritas verizon
vermont vernon verona veronica veronika versace vertigo vette vfczyz vfhbyf vfhecz vfhufhbnf vfibyf vfitymrf vfksirf vfntvfnbrf vfrcbv vfrcbvrf vfvekz vfvfgfgf vfvjxrf vh5150
viagra vickie victor victoria victory video vienna vietnam viewsoni viewsonic viking vikings viktor viktoria viktoriya villa village vincent vinnie vintage violet violetta violin
viper vipergts vipers virgil virgin virginia virginie virtual visa vision visual vitalik vitamin vivian vjcrdf vjqgfhjkm vkontakte vladik vladimir vladislav volcom volkswag volley
volleyba volume volvo voodoo vortex voyager voyeur vqsablpzla vsegda vsjasnel vulcan waffle wagner walker wallace walleye wally walmart walnut walrus walter wanderer wang wanker
wanted wapbbs warcraft wareagle warez warhamme warhammer warlock warlord warner warning warren warrior warriors warthog wasabi washburn washingt washington wasser wassup wasted
watch watcher water waterboy waterloo waters watson wayne weasel weather weaver webber webhompas webmaste webmaster webster wedding weed weezer weird welcom welcome welder wendy
weng werder werewolf werner wesley west western westham weston westside westwood wetpussy wg8e3wjf what whatever whatsup whatwhat wheels whiplash whiskers whiskey whisky whisper
whistler white whiteboy whiteout whitesox whitey whitney whocares whore whynot wibble wicked wifey wilbur wild wildbill wildcard wildcat wildcats wildfire wildman wildwood will
willia william williams willie willis willow willy wilson windmill window windows windsor windsurf wingman wings winner winners winnie winston winter wireless wisdom wishbone
wizard wolf wolfgang wolfie wolfman wolfpack wolverin wolverine wolves woman wombat women wonder wonderboy wonderful wood woodie woodland woodstoc woody woofer woofwoof woohoo
wookie word wordpass work working world wp2003wp wraith wrangler wrench wrestle wrestler wrestlin wrestling wright wrinkle writer wutang xanadu xander xavier xbox xerxes xfiles
xiang xiao xing xiong xtreme xuan xxx123 xxxpass xyz123 yamaha yamahar yang yankee yankees ybrbnf ybrjkfq yeah yeahbaby yellow yfcntymrf yfnfif yfnfkb yfnfkmz ying yjdsqgfhjkm yoda
yogibear yolanda yomama yong yosemite young yourmom yousuck yuan yugioh yummy yvette yvonne yzerman z1x2c z1x2c3v zachary zalupa zander zang zanzibar zaphod zappa zaq123 zaq12wsx
zaq1xsw zaqwsx zaqwsxcde zaqxsw zaqxswcde zaraza zarina zebra zeng zenith zephyr zeppelin zero zerocool zeus zhai zhang zhao zhei zheng zhjckfd zhong zhou zhuai zhuang zhui zhun
zhuo zidane ziggy zigzag zildjian zipper zippo zippy zodiac zombie zong zorro zuan zvezda zxasqw zxc123 zxcasd zxcasdqwe zxcv zxcvb zxcvbn zxcvbnm zzzxxx
`
