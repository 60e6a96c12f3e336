"""Closed lists: the code stored in a frame, its name in packs and on pages. Numbers are stored; never renumber."""

from enum import IntEnum


class Code(IntEnum):
    """An int with a Chinese label: the member's name is for code, the label for packs and people."""

    label: str

    def __new__(cls, value: int, label: str) -> "Code":
        member = int.__new__(cls, value)
        member._value_ = value
        member.label = label
        return member

    @classmethod
    def labels(cls) -> dict[int, str]:
        return {int(member): member.label for member in cls}

    @classmethod
    def by_label(cls) -> dict[str, int]:
        return {member.label: int(member) for member in cls}


class Sex(Code):
    MALE = 1, "男"
    FEMALE = 2, "女"


class Education(Code):
    SECONDARY = 1, "高中"
    COLLEGE = 2, "大专"
    BACHELOR = 3, "本科"
    MASTER = 4, "硕士研究生"
    DOCTOR = 5, "博士研究生"


class Certificate(Code):
    """Social-worker qualification (policy_facts §3)."""

    NONE = 0, "无"
    ASSISTANT = 1, "初级"
    INTERMEDIATE = 2, "中级"
    SENIOR = 3, "高级"


class Post(Code):
    SECRETARY_DIRECTOR = 1, "党组织书记兼居委会主任"
    SECRETARY = 2, "党组织书记"
    DIRECTOR = 3, "居委会主任"
    DEPUTY_SECRETARY = 4, "副书记"
    DEPUTY_DIRECTOR = 5, "副主任"
    COMMITTEE_MEMBER = 6, "两委委员"
    WORKER = 7, "社区工作者"
    GRID_WORKER = 8, "网格员"
    STUDIO_WORKER = 9, "专职社工室社工"


class Band(Code):
    """三岗: the pay band of a post."""

    HEAD = 1, "正职"
    DEPUTY = 2, "副职"
    WORKER = 3, "工作人员"


class Tier(Code):
    """三层级 (diagnose.tier3_ability6)."""

    NONE = 0, "未分层"
    NOVICE = 1, "新手"
    BACKBONE = 2, "骨干"
    PILLAR = 3, "中坚"


class Ability(Code):
    """六能力 (S0, S1)."""

    SERVE = 1, "为民服务力"
    MOBILISE = 2, "居民动员力"
    DELIBERATE = 3, "协商议事力"
    PROJECT = 4, "项目运营力"
    COORDINATE = 5, "统筹协调力"
    INNOVATE = 6, "治理创新力"


class Source(Code):
    """四位一体 (assess.four_in_one)."""

    RESIDENTS = 1, "群众评议"
    PROFESSIONAL = 2, "专业评估"
    PROCESS = 3, "过程考核"
    INNOVATION = 4, "创新贡献"


class Grade(Code):
    """江汉四等次, as the source names them (assess.jh_grades); 1 is best."""

    EXCELLENT = 1, "优秀"
    COMPETENT = 2, "比较称职"
    BASIC = 3, "基本称职"
    INCOMPETENT = 4, "不称职"


class Colour(Code):
    """红黄蓝 (assess.traffic_light)."""

    BLUE = 1, "蓝"
    YELLOW = 2, "黄"
    RED = 3, "红"


class Rank(Code):
    """五级 (career.five_rank_nine_grade)."""

    JUNIOR = 1, "初级"
    INTERMEDIATE = 2, "中级"
    SENIOR = 3, "高级"
    EXPERT = 4, "专家"
    LEADER = 5, "领军人才"


class Track(Code):
    MANAGEMENT = 1, "管理序列"
    PROFESSIONAL = 2, "专业序列"


class Level(Code):
    """The level of a body that gives an award or prize; 1 is highest."""

    NATIONAL = 1, "国家"
    PROVINCE = 2, "省"
    CITY = 3, "市"
    DISTRICT = 4, "区"
    SUBDISTRICT = 5, "街道"


class ExitReason(Code):
    NONE = 0, "在岗"
    VOLUNTARY = 1, "自愿离职"
    DISMISSED = 2, "解聘"
    RETIRED = 3, "退休"
    PROMOTED_OUT = 4, "向上流出"
    DECEASED = 5, "去世"
    OTHER = 6, "其他原因"


class Tie(Code):
    """What happens to those equal at the cut when not all of them fit (assess.jh_grades)."""

    NONE_ENTERS = 1, "并列全不入"
    ALL_ENTER = 2, "并列全入"


class Rounding(Code):
    UP = 1, "进一"
    DOWN = 2, "舍去"
    HALF_UP = 3, "四舍五入"


class RetirementClass(Code):
    """The group of the retirement table (国发〔1978〕104号; 2024 decision of the NPC Standing Committee)."""

    MAN = 1, "男"
    WOMAN_55 = 2, "女（原55岁）"
    WOMAN_50 = 3, "女（原50岁）"


class LadderProfile(Code):
    """Which ladder a district uses (mechanisms §3, decision 1)."""

    NINE = 1, "五级九档"
    EIGHTEEN = 2, "三岗十八级"


class CareerStep(Code):
    """Steps of the two lines of career.dual_track, lowest first within a line."""

    NONE = 0, "未进入"
    SECRETARY = 1, "社区书记"
    HEAD_GOOSE = 2, "头雁书记"
    OFFICE_HEAD = 3, "街道科室负责人人选"
    STREET_LEADER = 4, "街道领导人选"
    SOCIAL_WORKER = 5, "社工师"
    SENIOR_SOCIAL_WORKER = 6, "高级社工师"
    SUPERVISOR = 7, "督导"
    CHIEF_ADVISER = 8, "首席顾问"


class RotationExclusion(Code):
    """Why a person is left out of the rotation headcount (decision 9)."""

    NONE = 0, "不排除"
    NOT_ON_ROSTER = 1, "年末不在岗"
    ELECTED = 2, "选举产生、任期内"
    PROBATION = 3, "试用期"
    PROTECTED = 4, "孕产哺乳期"
    NEAR_RETIREMENT = 5, "临近退休"
    NO_POST = 6, "没有岗位"


class ExitProposal(Code):
    """What the rules propose after failed assessments; a person disposes (exit.xuhui, exit.unfit)."""

    NONE = 0, "无"
    WARNING = 1, "警告（建议）"
    TALK = 2, "诫勉谈话并制定改进计划（建议）"
    CHANGE_POST = 3, "调岗或降级，并培训（建议）"
    TRAIN_FIRST = 4, "须先培训或调岗，再作考核"
    END_CONTRACT = 5, "依劳动合同法第四十条第二项解除（建议）"
    BARRED = 6, "劳动合同法第四十二条不得解除，改为调岗（建议）"
    ELECTED = 7, "选举产生，规则不适用，按法定程序"
    PROBATION = 8, "试用期，按录用条件另行考核"


class Holiday(Code):
    """The festivals of 全国年节及纪念日放假办法 art. 2."""

    NEW_YEAR = 1, "元旦"
    SPRING = 2, "春节"
    QINGMING = 3, "清明节"
    LABOUR = 4, "劳动节"
    DRAGON_BOAT = 5, "端午节"
    MID_AUTUMN = 6, "中秋节"
    NATIONAL = 7, "国庆节"


class DayKind(Code):
    REST = 1, "休"
    WORK = 2, "班"


class StarYear(Code):
    """In which year a star is paid: the year it is rated for, or the one after."""

    SAME = 1, "评定当年"
    NEXT = 2, "评定次年"


class StarScope(Code):
    """What the star coefficient multiplies (pay.star_rating, open decision 2)."""

    PERFORMANCE = 1, "只乘绩效工资"
    WHOLE = 2, "乘基本工资和绩效工资"


class DayBasis(Code):
    """How parts of a month are counted."""

    CALENDAR = 1, "按日历天数"
    PAID_DAYS = 2, "按计薪天数"


class Insurance(Code):
    """Lines of social insurance; injury has its own rates by route (pay.injury_pool)."""

    PENSION = 1, "养老保险"
    MEDICAL = 2, "医疗保险（含生育）"
    UNEMPLOYMENT = 3, "失业保险"


class InjuryRoute(Code):
    """Through which pool a worker is insured against injury at work (pay.injury_pool)."""

    EMPLOYER = 1, "用人单位参保"
    INSTITUTION = 2, "事业单位工伤保险统筹"


class EightItem(Code):
    """城中区八项待遇 (pay.eight_items), as the source names them."""

    BASIC = 1, "基本报酬"
    PERFORMANCE = 2, "绩效报酬"
    INSURANCE = 3, "五险一金"
    CERTIFICATE = 4, "职称津贴"
    COMMUNICATIONS = 5, "通讯交通津贴"
    RETIREMENT = 6, "退休补贴"
    CHECKUP = 7, "体检"
    FESTIVALS = 8, "双节慰问"


class Festival(Code):
    SPRING = 1, "春节"
    MID_AUTUMN = 2, "中秋节"


class Assessment(Code):
    """The two assessments that make the yearly grade (assess.jh_grades)."""

    EVERYDAY = 1, "平时动态考核"
    YEARLY = 2, "年度综合考核"


class QuotaScope(Code):
    """Whom a quota is counted over."""

    DISTRICT = 1, "全区"
    SUBDISTRICT = 2, "街道"
    COMMUNITY = 3, "社区"


class Star(Code):
    """社区服务星级 (pay.star_rating)."""

    NONE = 0, "未评"
    ONE = 1, "一星"
    TWO = 2, "二星"
    THREE = 3, "三星"
    FOUR = 4, "四星"
    FIVE = 5, "五星"


class UnitAction(Code):
    """What a colour asks of a unit (assess.traffic_light)."""

    NONE = 0, "无"
    INTERVIEW = 1, "整改约谈"
    IMMEDIATE = 2, "立即约谈并制定整改计划"


class ThreeIndex(Code):
    """The three first-level indices (assess.jh_three_index), as S2 三（三） lists them."""

    WORKERS = 1, "社区工作者专业化考核指数"
    STUDIO = 2, "社区社会工作室考核指数"
    RESIDENTS = 3, "社区居民组织化考核指数"


class IndexScheme(Code):
    """S2 names the three in two ways; which list a district shows."""

    STUDIO = 1, "专业化、工作室、组织化"
    COOPERATION = 2, "专业化、协作化、组织化"


class VolumeVerdict(Code):
    """Volume is never read without quality (assess.volume_vs_quality)."""

    NO_VOLUME = 0, "没有工作量记录"
    BOTH = 1, "质量达标，工作量可用"
    POOR = 2, "质量不达标，工作量不计"
    UNRATED = 3, "质量未评，不得只看工作量"


class MonthlyAction(Code):
    """What failed months call for (assess.xh_monthly): a proposal."""

    NONE = 0, "无"
    WARNING = 1, "警告"
    TALK = 2, "诫勉谈话并制定改进计划"


class PayTier(Code):
    """年度考核分档 (assess.cz_annual_tier)."""

    NONE = 0, "不享受"
    FIRST = 1, "一档"
    SECOND = 2, "二档"
    THIRD = 3, "三档"


class TierPart(Code):
    """What the yearly pay tier weighs (S1: 工作量和工作效率)."""

    ASSESSMENT = 1, "年度考核"
    VOLUME = 2, "工作量"
    QUALITY = 3, "工作质效"


class HourState(Code):
    """Where a duty of hours with a deadline stands."""

    NOT_DUE = 0, "不适用"
    OPEN = 1, "未到期"
    DONE = 2, "已完成"
    OVERDUE = 3, "逾期未完成"
    LATE = 4, "逾期完成"


class RegistrationState(Code):
    """Registration of a social-work certificate."""

    NONE = 0, "无证书"
    TO_REGISTER = 1, "待登记"
    OVERDUE = 2, "逾期未登记"
    VALID = 3, "有效"
    EXPIRED = 4, "已过期，应再登记"


class Talent(Code):
    """三类人才 (diagnose.talent_grading)."""

    NONE = 0, "未入选"
    LEADER = 1, "领军人才"
    BACKBONE = 2, "骨干人才"
    RESERVE = 3, "后备人才"
